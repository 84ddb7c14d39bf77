/** `mig alerts`: what modules on endpoints have raised. */
import { type Alert, followAlerts, listAlerts } from '@mig/api';
import { printable } from '@mig/module';
import { streamBreaks } from '../fleet/stream-breaks.ts';
import type { Command } from './command.ts';
import { noWords, readCount, readWords } from './read-words.ts';
import { withPlatform } from './with-platform.ts';

const kinds = { t: 'value', module: 'value', n: 'value', f: 'switch', follow: 'switch', json: 'switch' } as const;

export const alerts: Command = {
  names: ['alerts'],
  usage: 'mig alerts [-t TARGET] [-module NAME] [-n 20] [-f] [-json]',
  summary: 'Lists alerts, the newest first; -f (or -follow) prints them as they come.',
  options: kinds,
  help: [
    'mig alerts [-t TARGET] [-module NAME] [-n 20|all] [-f | -follow] [-json]',
    '',
    'Examples:',
    '  mig alerts -n all -json',
    '  mig alerts -t online -f',
  ],
  async run(words, terminal, context) {
    const { options, others } = readWords('alerts', words, kinds);
    noWords('alerts', others);
    const most = readCount('alerts', options.n, 20);
    const filters = { target: options.t, module: options.module };
    const print = (alert: Alert) => terminal.print(options.json ? JSON.stringify(alert) : alertLine(alert));
    return withPlatform(context, async (platform) => {
      if (options.f || options.follow) {
        const { signal } = context.interruption();
        const { onBreak, onEvent } = streamBreaks(terminal);
        const request = { query: filters, signal, onBreak };
        const events = platform.follow(followAlerts, request);
        for await (const { data } of events) {
          onEvent();
          print(data);
        }
        return 0;
      }
      let count = 0;
      for await (const alert of platform.items(listAlerts, { query: filters })) {
        if (++count > most) {
          terminal.remark('there are more: -n all lists them');
          break;
        }
        print(alert);
      }
      return 0;
    });
  },
};

/** One line about an alert. */
export function alertLine({ time, agentname, module, message, fields }: Alert): string {
  const more = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
  return printable(`${time} ${agentname} ${module}: ${message}${more}`);
}
