/** Walks a person through the first configuration: the platform, its CA, the key. */
import { readFileSync } from 'node:fs';
import { createClient, getStatus } from '@mig/api';
import { listKeyFiles } from '../keys/key-files.ts';
import { makeKey, whatWithKey } from '../keys/make-key.ts';
import { newPassphrase } from '../keys/passphrase.ts';
import { createSecureFetch } from '../platform/secure-fetch.ts';
import type { Places } from '../settings/places.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { ask } from './ask.ts';
import { fetchAuthority } from './fetch-authority.ts';
import { refuseToReplace, writeSettings } from './write-settings.ts';

/** What was said on the command line already. */
export interface Known {
  readonly url?: string | undefined;
  readonly ca?: string | undefined;
  /** The SHA-256 that the platform's CA must have. */
  readonly fingerprint?: string | undefined;
  readonly key?: string | undefined;
  readonly signer?: 'file' | 'gpg' | undefined;
}

/** Asks for what is not `known`, and writes the configuration. Throws when the platform's CA is not accepted. */
export async function walkThrough(places: Places, terminal: Terminal, known: Known = {}): Promise<void> {
  // Before anything is asked, and a key is made.
  refuseToReplace(places);
  const url = urlOf(known.url ?? (await ask('URL of the platform (https://host:8443): ')));
  if (!/^https:\/\/./.test(url)) throw new Error(`expected a URL such as https://mig.example.net:8443, got '${url}'`);
  const authority =
    known.ca === undefined ? await acceptAuthority(url, known, terminal) : readFileSync(known.ca, 'utf8');
  const signer = known.signer ?? 'file';
  const key = known.key ?? (await chooseKey(places, signer, terminal));
  writeSettings(places, { url, fleet: await fleetOf(url, authority, places), signer, key, authority });
  terminal.remark(`wrote ${places.settings}`);
}

/** A name alone is taken as a URL, with the port that platforms have unless they are configured otherwise. */
function urlOf(typed: string): string {
  const host = /^[\w.-]+$/.test(typed) ? `${typed}:8443` : typed;
  return (/^[\w.-]+:\d+$/.test(host) ? `https://${host}` : host).replace(/\/+$/, '');
}

async function acceptAuthority(url: string, { fingerprint }: Known, terminal: Terminal): Promise<string> {
  const shown = await fetchAuthority(url);
  if (fingerprint !== undefined) {
    if (fingerprint.replaceAll(':', '').toLowerCase() === shown.fingerprint) return shown.pem;
    throw new Error(
      `${url} shows a CA with SHA-256 ${shown.fingerprint}, expected ${fingerprint}: nothing was written`,
    );
  }
  terminal.remark(`${url} shows a CA with SHA-256`);
  terminal.remark(`  ${shown.fingerprint}`);
  terminal.remark('An administrator can tell whether that is right.');
  const answer = await ask('Is it? Type yes: ');
  if (answer !== 'yes') throw new Error('the CA was not accepted: nothing was written');
  return shown.pem;
}

async function chooseKey(places: Places, signer: 'file' | 'gpg', terminal: Terminal): Promise<string> {
  if (signer === 'gpg') return ask('Fingerprint of the key in GnuPG: ');
  const keys = await listKeyFiles(places);
  if (keys.length === 1) return keys[0]!.fingerprint;
  if (keys.length === 0) return newKey(places, terminal);
  for (const { fingerprint, userids } of keys) terminal.remark(`  ${fingerprint}  ${userids.join(', ')}`);
  return ask('Fingerprint of the key to sign with: ');
}

/** Makes a key, if the person wants one now. */
async function newKey(places: Places, terminal: Terminal): Promise<string> {
  terminal.remark('You have no signing key yet: one can be made now, or later by mig key create or mig key import.');
  if (process.stdin.isTTY !== true) return '';
  const name = await ask('Your name, for a new key (nothing: later): ');
  if (name === '') return '';
  const email = (await ask('Your e-mail address, for the key (may be nothing): ')) || undefined;
  const made = await makeKey(places, { name, email, passphrase: await newPassphrase() });
  terminal.remark(`made the key ${made.key.fingerprint}`);
  for (const line of whatWithKey(made)) terminal.remark(line);
  return made.key.fingerprint;
}

/** The fleet's name, over a connection that is checked by now: from here on, nothing is signed for another. */
async function fleetOf(url: string, authority: string, places: Places): Promise<string> {
  const { fetch, close } = await createSecureFetch({ authority });
  try {
    return (await createClient({ url, fetch }).call(getStatus)).fleet;
  } catch (cause) {
    throw new Error(`${(cause as Error).message}: ${places.settings} was not written`, { cause });
  } finally {
    await close();
  }
}
