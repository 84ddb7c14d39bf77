/** What can be configured for an agent: the keys of mig-agent.toml, with their defaults. */
import { parseExpiration } from '@mig/action';
import { loadConfiguration } from '@mig/configuration';
import { z } from 'zod';

const duration = (standard: string) =>
  z.string().refine(isDuration, "expected a duration such as '90s', '5m' or '1h30m'").default(standard);

const whole = (least: number, most: number, standard: number) => z.int().min(least).max(most).default(standard);

export const Settings = z.strictObject({
  name: z.string().max(255).default('').describe('Name of the endpoint; empty for its host name.'),
  privacy: z
    .boolean()
    .default(false)
    .describe('Extra privacy mode: results say how much was found, and mask what would identify the owner.'),
  proxy: z
    .string()
    .regex(/^(https?:\/\/.+)?$/, 'expected a URL such as http://proxy.example.net:3128, or nothing')
    .default('')
    .describe('HTTP or HTTPS proxy through which the platform is reached; empty for none.'),
  enrolment: z
    .strictObject({
      server: z
        .string()
        .regex(/^(https:\/\/.+)?$/, 'expected a URL such as https://mig.example.net:8443, or nothing')
        .default('')
        .describe('Where an agent that is not enrolled yet enrols at its start.'),
      token: z.string().default('').describe('The token to enrol with; prefer tokenfile.'),
      tokenfile: z
        .string()
        .default('')
        .describe('A file that holds the token; a relative path is one from the configuration directory.'),
    })
    .prefault({}),
  relay: z
    .strictObject({
      urls: z
        .array(z.string())
        .default([])
        .describe('Where the relay is, tried in turn; empty for what the platform said at enrolment.'),
    })
    .prefault({}),
  heartbeat: z
    .strictObject({
      interval: duration('60s').describe('How often the agent says that it is there.'),
      refresh: duration('5m').describe('How often it looks whether its environment has changed.'),
    })
    .prefault({}),
  environment: z
    .strictObject({
      publicip: z.string().max(64).default('').describe('The public address, where it is known; empty for unknown.'),
      publicipurl: z
        .string()
        .regex(/^(https?:\/\/.+)?$/, 'expected a URL, or nothing')
        .default('')
        .describe('A service that answers with the public address; empty: nobody is asked.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      actions: whole(1, 64, 4).describe('Most actions that run at the same time.'),
      queued: whole(1, 10_000, 1000).describe('Most commands that wait to run.'),
      timeout: duration('5m').describe('Longest run of one operation.'),
      memorymb: whole(64, 65_536, 500).describe('Most resident memory of a module process, in MiB.'),
      spare: z.boolean().default(true).describe('Whether a module process is kept ready.'),
    })
    .prefault({}),
  spool: z
    .strictObject({
      sizemb: whole(32, 1_048_576, 256).describe('Most space for results that wait to be acknowledged, in MiB.'),
      resend: duration('60s').describe('After which a result is sent again when nobody has acknowledged it.'),
    })
    .prefault({}),
  journal: z
    .strictObject({
      sizemb: whole(1, 1_048_576, 64).describe('Most space for the journal, in MiB; the oldest entries go first.'),
    })
    .prefault({}),
  modules: z
    .strictObject({
      memorymb: whole(64, 65_536, 256).describe('Most resident memory of a module that stays, in MiB.'),
      ping: duration('30s').describe('How often a module that stays is asked whether it is alive.'),
      deadline: duration('30s').describe('How long it may take to answer; then it is killed and started again.'),
      start: duration('10m').describe('How long it may take to start.'),
      pause: duration('1s').describe('After which a module that ended is started again; doubled at each failure.'),
      settled: duration('60s').describe('A module that ran for so long has not failed at once.'),
      tries: whole(1, 1_000, 5).describe('After so many failures at once in a row a module is given up.'),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      sizemb: whole(1, 65_536, 32).describe(
        'Most space for the alerts of a module that wait to be acknowledged, in MiB.',
      ),
    })
    .prefault({}),
  checkin: z
    .strictObject({
      idle: duration('5s').describe('With --checkin: for how long nothing may be owed before the agent leaves.'),
      patience: duration('60s').describe(
        'With --checkin: for how long it tries to reach the platform, and waits for an acknowledgement.',
      ),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'])
        .default('info')
        .describe('Least level that is logged.'),
      format: z
        .enum(['auto', 'json', 'journald', 'text'])
        .default('auto')
        .describe('auto: journald under systemd, text on a terminal, else json.'),
    })
    .prefault({}),
});
/** The configuration of an agent, defaults filled in. Durations are texts; `milliseconds` reads them. */
export type Settings = z.output<typeof Settings>;

/** Reads the configuration in `file` and the environment. Throws ConfigurationError. */
export function loadSettings(
  file: string,
  isRequired: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  return loadConfiguration(Settings, { file, isRequired, environment });
}

/** A duration of the configuration in milliseconds. */
export function milliseconds(duration: string): number {
  return parseExpiration(duration);
}

function isDuration(text: string): boolean {
  try {
    return parseExpiration(text) > 0;
  } catch {
    return false;
  }
}
