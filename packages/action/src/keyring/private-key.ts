/** Private keys: making one, reading one, and opening it with its passphrase. They are texts until they are used. */
import type { PrivateKey } from 'openpgp';
import { actionError } from '../errors/refusal.ts';
import { readKeys } from './keyring.ts';
import { armored, fingerprintOf, loadOpenPgp } from './openpgp.ts';

/** A new key, all parts armored. Keep `revocation` apart from the key: whoever has it can end the key. */
export interface CreatedKey {
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly privateKey: string;
  readonly revocation: string;
}

/** Whose key to make. It never expires unless `expiresAfterMs` says after how many milliseconds. */
export interface KeyRequest {
  readonly name: string;
  readonly email?: string | undefined;
  readonly passphrase: string;
  readonly expiresAfterMs?: number | undefined;
  readonly now?: Date | undefined;
}

/** Makes an Ed25519 key (in the form that GnuPG 2.2 reads), protected by a passphrase. Throws PASSPHRASE_MISSING. */
export async function createKey({ name, email, passphrase, expiresAfterMs, now }: KeyRequest): Promise<CreatedKey> {
  if (passphrase === '') throw actionError('PASSPHRASE_MISSING', { fingerprint: `of ${name}` });
  const openpgp = await loadOpenPgp();
  const { privateKey, publicKey, revocationCertificate } = await openpgp.generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name, ...(email === undefined ? {} : { email }) }],
    // A key that signs has nothing to decrypt.
    subkeys: [],
    passphrase,
    format: 'object',
    keyExpirationTime: Math.ceil((expiresAfterMs ?? 0) / 1000),
    ...(now === undefined ? {} : { date: now }),
  });
  return {
    fingerprint: fingerprintOf(publicKey),
    publicKey: armored(publicKey),
    privateKey: armored(privateKey),
    revocation: revocationCertificate.replaceAll('\r\n', '\n'),
  };
}

/** What a private key says of itself without its passphrase. */
export interface PrivateKeyDescription {
  readonly fingerprint: string;
  readonly userids: readonly string[];
  readonly isProtected: boolean;
  /** The public part, armored. */
  readonly publicKey: string;
}

/** Describes the one private key in `content`. Throws KEY_MALFORMED and KEY_IS_PUBLIC. */
export async function describePrivateKey(content: string | Uint8Array): Promise<PrivateKeyDescription> {
  const key = await readPrivateKey(content);
  return {
    fingerprint: fingerprintOf(key),
    userids: key.getUserIDs(),
    isProtected: !key.isDecrypted(),
    publicKey: armored(key.toPublic()),
  };
}

/** Reads the one private key in `content`, locked as it is. Throws KEY_MALFORMED and KEY_IS_PUBLIC. */
export async function readPrivateKey(content: string | Uint8Array): Promise<PrivateKey> {
  const what = 'private key';
  const [key, ...others] = await readKeys(content, what);
  if (key === undefined || others.length > 0) {
    throw actionError('KEY_MALFORMED', { what, detail: `expected one key, got ${others.length + (key ? 1 : 0)}` });
  }
  if (!key.isPrivate()) throw actionError('KEY_IS_PUBLIC', { what, fingerprint: fingerprintOf(key) });
  return key;
}

/** Opens `key` with `passphrase`. Throws PASSPHRASE_MISSING and PASSPHRASE_WRONG. */
export async function openPrivateKey(key: PrivateKey, passphrase: string | undefined): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  const fingerprint = fingerprintOf(key);
  if (passphrase === undefined || passphrase === '') throw actionError('PASSPHRASE_MISSING', { fingerprint });
  const openpgp = await loadOpenPgp();
  try {
    return await openpgp.decryptKey({ privateKey: key, passphrase });
  } catch (cause) {
    throw actionError('PASSPHRASE_WRONG', { fingerprint }, { cause });
  }
}
