/** What a person can type once platform and agent run. */
import type { Places } from '../settings/places.ts';
import type { UpPlaces } from './up-places.ts';
import { isReachable, type UpSettings } from './up-settings.ts';

export interface Situation {
  /** The user's own configuration, which plain `mig` reads. */
  readonly own: Places;
  /** The configuration of this platform's investigator. */
  readonly places: Places;
  readonly settings: UpSettings;
  readonly up: UpPlaces;
}

/** Lines for people. */
export function nextSteps({ own, places, settings }: Situation): string[] {
  const isPlain = own.settings === places.settings && !own.isNamed;
  const mig = `${program()}${isPlain ? '' : ` --config ${places.settings}`}`;
  const { listen, names, apiport } = settings;
  const name = names[0] ?? 'mig.example.net';
  return [
    '',
    'Ask it something, in another terminal:',
    `  ${mig} agents`,
    `  ${mig} file -t online -path /usr/bin -mode '^u'          programs that run with the rights of their owner`,
    `  ${mig} netstat -t online -lp 22                          who listens on port 22?`,
    `  ${mig} help                                              what else there is`,
    '',
    'Other machines join:',
    ...(isReachable(listen)
      ? [
          `  ${mig} agent-package -out DIR -server https://${name}:${apiport}`,
          '  then DIR becomes /etc/mig there, and mig-agent is started there',
        ]
      : [`  ${program()} up -listen 0.0.0.0 -name ${name}     first: this platform listens on ${listen} only`]),
    '',
    'ctrl-c stops platform and agent; what they know is kept.',
  ];
}

/** How `mig` was called, for it to be called so again. */
function program(): string {
  return process.env['npm_command'] === 'exec' ? 'npx mig' : 'mig';
}
