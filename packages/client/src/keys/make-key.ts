/** A new signing key, kept with its revocation certificate beside it. */
import { createKey } from '@mig/action';
import type { Places } from '../settings/places.ts';
import { writePrivateFile } from '../settings/private-file.ts';
import { type KeyFile, keepKey } from './key-files.ts';

export interface MadeKey {
  readonly key: KeyFile;
  /** File with the certificate that ends the key. */
  readonly revocation: string;
}

export async function makeKey(places: Places, options: Parameters<typeof createKey>[0]): Promise<MadeKey> {
  const made = await createKey(options);
  const key = await keepKey(places, made.privateKey);
  const revocation = key.file.replace(/\.key$/, '.revocation');
  writePrivateFile(revocation, made.revocation);
  return { key, revocation };
}

/** What to do with a key that was made just now, for people. */
export function whatWithKey({ key, revocation }: MadeKey): string[] {
  return [
    `the key is in ${key.file}`,
    `keep ${revocation} elsewhere: with it you can end the key when it is lost`,
    'mig key export prints what administrators (mig investigators add) and endpoints (keys/, acl.json) need',
  ];
}
