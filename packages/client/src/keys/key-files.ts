/** The investigator's private keys: files `<fingerprint>.key`, protected by passphrases, readable by their owner only. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePrivateKey, normalizeFingerprint, type PrivateKeyDescription } from '@mig/action';
import type { Places } from '../settings/places.ts';
import { writePrivateFile } from '../settings/private-file.ts';

export interface KeyFile extends PrivateKeyDescription {
  readonly file: string;
  /** As it stands in the file, locked. */
  readonly content: string | Uint8Array;
}

/** Gives all keys of `places`, by fingerprint. Throws ActionError for a file that is no private key. */
export async function listKeyFiles({ keys }: Places): Promise<KeyFile[]> {
  if (!existsSync(keys)) return [];
  const names = readdirSync(keys)
    .filter((name) => name.endsWith('.key'))
    .sort();
  return Promise.all(names.map((name) => readKeyFile(join(keys, name))));
}

/** Reads one file with a private key, armored or binary. */
async function readKeyFile(file: string): Promise<KeyFile> {
  const bytes = readFileSync(file);
  const content = bytes.includes('-----BEGIN') ? bytes.toString('utf8') : new Uint8Array(bytes);
  return { ...(await describePrivateKey(content)), file, content };
}

/** Finds the key that `wanted` names: a file, or the beginning or end of a fingerprint; '' for the only one. */
export async function findKeyFile(places: Places, wanted: string): Promise<KeyFile> {
  if (wanted.includes('/') || wanted.includes('\\')) return readKeyFile(wanted);
  const all = await listKeyFiles(places);
  const part = normalizeFingerprint(wanted);
  const fitting = all.filter(({ fingerprint }) => fingerprint.startsWith(part) || fingerprint.endsWith(part));
  if (fitting.length === 1) return fitting[0]!;
  if (all.length === 0) throw new Error(`there is no key in ${places.keys}: mig key create, or mig key import FILE`);
  const names = all.map(({ fingerprint }) => fingerprint).join(', ');
  throw new Error(
    wanted === ''
      ? `there are ${all.length} keys: expected one of ${names} as 'key' in ${places.settings}, or in MIG_KEY`
      : `expected '${wanted}' to be the beginning or end of one fingerprint, it fits ${fitting.length} of ${names}`,
  );
}

/** Keeps a private key. Throws when it is not protected by a passphrase, and when it is kept already. */
export async function keepKey(places: Places, content: string): Promise<KeyFile> {
  const description = await describePrivateKey(content);
  const { fingerprint, isProtected } = description;
  if (!isProtected) {
    throw new Error(
      `the key ${fingerprint} has no passphrase: set one (gpg --passwd ${fingerprint}), export it again, and import that`,
    );
  }
  const file = join(places.keys, `${fingerprint}.key`);
  if (existsSync(file)) throw new Error(`the key ${fingerprint} is there already, in ${file}: remove that file first`);
  writePrivateFile(file, content);
  return { ...description, file, content };
}
