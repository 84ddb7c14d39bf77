/** Writes a new config.toml. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Places } from '../settings/places.ts';
import { writePrivateFile } from '../settings/private-file.ts';

export interface NewSettings {
  readonly url: string;
  readonly fleet: string;
  readonly signer: 'file' | 'gpg';
  readonly key: string;
  /** The platform's CA certificate, PEM; undefined: the authorities that the machine trusts. */
  readonly authority: string | undefined;
  /** A file with the passphrase of the key; undefined: it is asked for. */
  readonly passphraseFile?: string | undefined;
}

/** Throws when there is a configuration already. */
export function refuseToReplace(places: Places): void {
  if (existsSync(places.settings)) throw new Error(`${places.settings} is there already: edit it, or remove it first`);
}

/** Writes config.toml, and beside it the CA certificate. Throws when there is a configuration already. */
export function writeSettings(places: Places, { passphraseFile, authority, ...given }: NewSettings): void {
  refuseToReplace(places);
  const values = { ...given, ...(authority === undefined ? {} : { ca: 'ca.crt' }) };
  // A JSON string is a basic string of TOML as well.
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
  if (passphraseFile !== undefined) lines.push(`passphrase.file = ${JSON.stringify(passphraseFile)}\n`);
  writePrivateFile(places.settings, lines.join(''));
  if (authority !== undefined) writeFileSync(join(dirname(places.settings), 'ca.crt'), authority);
}
