/**
 * Public keys of investigators, as values: adding a key gives a new keyring. Keys are found by the fingerprint of their
 * primary key. A keyring holds no private key, and says nothing of what its keys may do: access lists do.
 */
import type { Key, PublicKey } from 'openpgp';
import { actionError } from '../errors/refusal.ts';
import { normalizeFingerprint } from '../identifiers/names.ts';
import { readKeyText } from './armor.ts';
import { anyTime, armored, fingerprintOf, loadOpenPgp } from './openpgp.ts';

/** Public keys by the fingerprint of their primary key, in upper case. */
export interface Keyring {
  readonly keys: ReadonlyMap<string, PublicKey>;
}

/** A keyring without keys: with it, every signature is refused. */
export const emptyKeyring: Keyring = { keys: new Map() };

/** Makes a keyring of `contents`: each one key file's text (armored) or bytes. Throws as `addKeys` does. */
export async function readKeyring(contents: Iterable<string | Uint8Array>): Promise<Keyring> {
  let keyring = emptyKeyring;
  for (const content of contents) keyring = await addKeys(keyring, content);
  return keyring;
}

/**
 * Adds every key of `content`, and throws ActionError KEY_MALFORMED, KEY_IS_PRIVATE or TEXT_TOO_LARGE when one of them
 * cannot be taken; `what` names it in the error. A key that is there already is merged, so that a revocation counts
 * whichever copy brings it.
 */
export async function addKeys(keyring: Keyring, content: string | Uint8Array, what = 'keyring'): Promise<Keyring> {
  const keys = new Map(keyring.keys);
  for (const key of await readKeys(content, what)) {
    const fingerprint = fingerprintOf(key);
    if (key.isPrivate()) throw actionError('KEY_IS_PRIVATE', { what, fingerprint });
    const known = keys.get(fingerprint);
    keys.set(fingerprint, known === undefined ? key : await known.update(key as PublicKey, anyTime));
  }
  return { keys };
}

/** The keyring without the key `fingerprint`. Throws KEY_UNKNOWN when it has none such. */
export function removeKey(keyring: Keyring, fingerprint: string): Keyring {
  const keys = new Map(keyring.keys);
  keys.delete(fingerprintOf(keyIn(keyring, fingerprint)));
  return { keys };
}

/** Writes a key of the keyring as armored text. Throws KEY_UNKNOWN. */
export function exportKey(keyring: Keyring, fingerprint: string): string {
  return armored(keyIn(keyring, fingerprint));
}

/** Finds a key by the fingerprint of its primary key. Throws KEY_UNKNOWN. */
export function keyIn(keyring: Keyring, fingerprint: string): PublicKey {
  const key = keyring.keys.get(normalizeFingerprint(fingerprint));
  if (key === undefined) throw actionError('KEY_UNKNOWN', { fingerprint });
  return key;
}

/** Reads the keys, public or private, of a key file. Throws KEY_MALFORMED and TEXT_TOO_LARGE. */
export async function readKeys(content: string | Uint8Array, what: string): Promise<readonly Key[]> {
  const openpgp = await loadOpenPgp();
  const text = readKeyText(content, what);
  try {
    if (text instanceof Uint8Array) return await openpgp.readKeys({ binaryKeys: text });
    return (await Promise.all(text.map((armoredKeys) => openpgp.readKeys({ armoredKeys })))).flat();
  } catch (cause) {
    throw actionError('KEY_MALFORMED', { what, detail: (cause as Error).message }, { cause });
  }
}
