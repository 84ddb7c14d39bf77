/** What can be configured for `mig`: the keys of config.toml, with their defaults. */
import { resolve } from 'node:path';
import { parseExpiration } from '@mig/action';
import { loadConfiguration } from '@mig/configuration';
import { z } from 'zod';
import type { Places } from './places.ts';

export const Settings = z.strictObject({
  url: z
    .string()
    .regex(/^(https:\/\/.+)?$/, 'expected a URL such as https://mig.example.net:8443')
    .default('')
    .describe('Where the platform is.'),
  ca: z
    .string()
    .default('')
    .describe("File with the platform's CA certificate, PEM; empty for the authorities that this machine trusts."),
  fleet: z
    .string()
    .default('')
    .describe('Name of the fleet that actions are signed for; empty: what the platform says.'),
  key: z
    .string()
    .default('')
    .describe('The key to sign with: a fingerprint or its beginning, or a file; empty when there is only one.'),
  signer: z.enum(['file', 'gpg']).default('file').describe('Who has the key: mig, in a file, or GnuPG.'),
  gpg: z.string().default('gpg').describe('The program to sign with when signer is gpg.'),
  apikey: z.string().default('').describe('An API key to log in with, instead of signing a challenge.'),
  passphrase: z
    .strictObject({
      file: z.string().default('').describe('A file with the passphrase, for programs; empty: it is asked for.'),
    })
    .prefault({}),
  expiration: z
    .string()
    .refine(isDuration, "expected a duration such as '90s', '5m' or '1h30m'")
    .default('5m')
    .describe('For how long an action may be run, where -e does not say.'),
  show: z.enum(['found', 'notfound', 'all']).default('found').describe('Which answers are printed.'),
  countdown: z.int().min(0).max(60).default(5).describe('Seconds before a launch in which ctrl-c prevents it.'),
});
/** The configuration of an investigator, defaults filled in. Paths are absolute. */
export type Settings = z.output<typeof Settings>;

/** Reads the configuration in `places` and the environment. Throws ConfigurationError. */
export function loadSettings(places: Places, environment: Readonly<Record<string, string | undefined>>): Settings {
  const options = { file: places.settings, isRequired: places.isNamed, environment };
  const settings = loadConfiguration(Settings, options);
  const path = (name: string) => (name === '' ? '' : resolve(places.directory, name));
  return { ...settings, ca: path(settings.ca), passphrase: { file: path(settings.passphrase.file) } };
}

/** Whether `text` is a duration, and longer than none. */
export function isDuration(text: string): boolean {
  try {
    return parseExpiration(text) > 0;
  } catch {
    return false;
  }
}
