/** The investigator of a platform that `mig up` makes: key, passphrase, configuration, registration. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Client, createInvestigator, type Investigator, listInvestigators, updateInvestigator } from '@mig/api';
import { writeSettings } from '../init/write-settings.ts';
import { findKeyFile, type KeyFile, listKeyFiles } from '../keys/key-files.ts';
import { makeKey } from '../keys/make-key.ts';
import { newPassphrase } from '../keys/passphrase.ts';
import { type Places, placesOf } from '../settings/places.ts';
import { writePrivateFile } from '../settings/private-file.ts';
import { loadSettings } from '../settings/settings.ts';
import type { UpPlaces } from './up-places.ts';

export interface Platform {
  readonly url: string;
  readonly fleet: string;
}

export interface LocalInvestigator {
  readonly places: Places;
  readonly key: KeyFile;
  /** What was made just now, for people. */
  readonly made: readonly string[];
}

/**
 * Where the investigator's configuration is to be: the user's own where there is none yet or it is of this platform,
 * else one beside the platform, for `--config`.
 */
export async function investigatorPlaces(own: Places, up: UpPlaces): Promise<Places> {
  const beside = placesOf(up.clientSettings, {});
  if (existsSync(own.settings)) return isOfPlatform(own, up) ? own : beside;
  return !existsSync(beside.settings) && (await listKeyFiles(own)).length <= 1 ? own : beside;
}

/** Makes what the investigator lacks: a key, and a configuration for `platform`. With `asks`, the passphrase is asked for. */
export async function prepareInvestigator(
  places: Places,
  up: UpPlaces,
  { url, fleet }: Platform,
  asks: boolean,
): Promise<LocalInvestigator> {
  if (existsSync(places.settings)) {
    const made = moveTo(places, url) ? [`${places.settings}: url is ${url} now`] : [];
    const { key } = loadSettings({ ...places, isNamed: true }, {});
    return { places, key: await findKeyFile(places, key), made };
  }
  const [kept] = await listKeyFiles(places);
  const { key, made } = kept === undefined ? await makeOwnKey(places, asks) : { key: kept, made: [] };
  const passphraseFile = existsSync(passphraseFileIn(places)) ? passphraseFileIn(places) : undefined;
  const authority = readFileSync(up.authority, 'utf8');
  writeSettings(places, { url, fleet, signer: 'file', key: key.fingerprint, authority, passphraseFile });
  return { places, key, made: [...made, `configuration of mig: ${places.settings}`] };
}

/** Makes the investigator an administrator of the platform. Gives what it did, for people. */
export async function registerAdministrator(client: Client, key: KeyFile): Promise<string | undefined> {
  const permissions = ['read', 'launch', 'admin'] as const;
  let known: Investigator | undefined;
  for await (const one of client.items(listInvestigators)) if (one.fingerprint === key.fingerprint) known = one;
  if (known === undefined) {
    const name = key.userids[0]?.replace(/ <.*>$/, '') ?? key.fingerprint;
    await client.call(createInvestigator, { body: { name, publickey: key.publicKey, permissions } });
    return `investigator '${name}', an administrator of the platform`;
  }
  if (known.status === 'active' && permissions.every((name) => known.permissions.includes(name))) return undefined;
  await client.call(updateInvestigator, { params: { id: known.id }, body: { status: 'active', permissions } });
  return `investigator '${known.name}' is an active administrator again`;
}

async function makeOwnKey(places: Places, asks: boolean): Promise<{ key: KeyFile; made: string[] }> {
  const passphrase = asks ? await newPassphrase() : randomBytes(24).toString('base64url');
  if (!asks) writePrivateFile(passphraseFileIn(places), `${passphrase}\n`);
  const name = `${userInfo().username}@${hostname()}`;
  const { key } = await makeKey(places, { name, passphrase });
  const made = [
    `signing key ${key.fingerprint} of ${name}: ${key.file}`,
    ...(asks
      ? []
      : [
          `its passphrase, by chance: ${passphraseFileIn(places)}`,
          '  Who can read both files signs as you, on every endpoint that trusts the key. For a fleet that matters,',
          '  make a key with a passphrase that only you know (mig up -ask, or mig key create).',
        ]),
  ];
  return { key, made };
}

function passphraseFileIn({ directory }: Places): string {
  return join(directory, 'passphrase');
}

function isOfPlatform(places: Places, { authority }: UpPlaces): boolean {
  const { ca, signer } = loadSettings(places, {});
  if (ca === '' || signer !== 'file' || !existsSync(ca) || !existsSync(authority)) return false;
  return readFileSync(ca, 'utf8').trim() === readFileSync(authority, 'utf8').trim();
}

/** Brings the `url` of a configuration up to date. Gives whether it was another. */
function moveTo({ settings }: Places, url: string): boolean {
  const text = readFileSync(settings, 'utf8');
  const moved = text.replace(/^url = ".*"$/m, `url = ${JSON.stringify(url)}`);
  if (moved !== text) writeFileSync(settings, moved);
  return moved !== text;
}
