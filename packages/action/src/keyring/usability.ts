/** Says why a key cannot be used to sign, if it cannot. A list of refusals: what none of them names, is usable. */
import type { Key, KeyID, PublicKey, Subkey } from 'openpgp';
import { type Refusal, refusal } from '../errors/refusal.ts';
import { type Keyring, keyIn } from './keyring.ts';
import { anyTime, fingerprintOf, loadOpenPgp } from './openpgp.ts';

/** Why the key `fingerprint` of `keyring` cannot sign at `now`, or undefined when it can. Throws KEY_UNKNOWN. */
export function whyUnusable(keyring: Keyring, fingerprint: string, now: Date): Promise<Refusal | undefined> {
  return whyKeyUnusable(keyIn(keyring, fingerprint), now);
}

/**
 * Why `key` cannot sign at `at`, or undefined when it can. With `keyId`, that very key must be able to (the primary key
 * or a subkey); without, any of them. A revocation counts whatever its date and reason: after it, a date in a signature
 * proves nothing.
 */
export async function whyKeyUnusable(key: PublicKey, at: Date, keyId?: KeyID): Promise<Refusal | undefined> {
  const parts = keyId === undefined ? [key] : [key, ...key.getSubkeys(keyId)];
  for (const part of parts) {
    const fingerprint = fingerprintOf(part);
    if (await isRevoked(part)) return refusal('KEY_REVOKED', { fingerprint });
    const weakness = weaknessOf(part);
    if (weakness !== undefined) return refusal('KEY_TOO_WEAK', { fingerprint, detail: weakness });
    const created = part.getCreationTime();
    if (created > at) {
      return refusal('KEY_FROM_FUTURE', { fingerprint, created: created.toISOString(), now: at.toISOString() });
    }
    const expired = await expirationOf(part);
    if (expired !== null && expired <= at) {
      return refusal('KEY_EXPIRED', { fingerprint, expired: expired.toISOString() });
    }
  }
  return (await hasRevoker(key)) ?? (await whyNoSigningKey(key, at, keyId));
}

/** When a key or subkey expires; null when it does not, or when no valid self-signature says so. */
export async function expirationOf(key: Key | Subkey): Promise<Date | null> {
  const expires = 'users' in key ? await key.getExpirationTime() : await key.getExpirationTime(anyTime);
  return expires instanceof Date ? expires : null;
}

function isRevoked(key: Key | Subkey): Promise<boolean> {
  // Without a signature to compare with, every revocation that the primary key signed counts.
  if ('users' in key) return key.isRevoked(undefined, undefined, anyTime);
  return key.isRevoked(undefined as never, undefined as never, anyTime);
}

function weaknessOf(key: Key | Subkey): string | undefined {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  if (algorithm === 'dsa' || algorithm === 'elgamal') return `${algorithm} is not accepted`;
  // A modulus of 2048 bits may have its highest bit clear.
  if (algorithm.startsWith('rsa') && (bits ?? 0) < 2047) return `RSA of ${bits} bits, expected 2048 or more`;
  return curve === 'secp256k1' ? `the curve ${curve} is not accepted` : undefined;
}

/** A key may name another that revokes it. Such revocations cannot be checked here, so the key is not trusted. */
async function hasRevoker(key: PublicKey): Promise<Refusal | undefined> {
  const { enums, SignaturePacket } = await loadOpenPgp();
  const namesRevoker = key
    .toPacketList()
    .some(
      (packet) =>
        packet instanceof SignaturePacket &&
        packet.signatureType === enums.signature.key &&
        packet.revocationKeyClass !== null,
    );
  if (!namesRevoker) return undefined;
  const detail = 'it names another key that may revoke it, which is not supported';
  return refusal('KEY_CANNOT_SIGN', { fingerprint: fingerprintOf(key), detail });
}

/** What only the library can tell: certified user ids, flags, and subkeys that confirm their primary key. */
async function whyNoSigningKey(key: PublicKey, at: Date, keyId?: KeyID): Promise<Refusal | undefined> {
  try {
    await key.getSigningKey(keyId, at);
    return undefined;
  } catch (error) {
    return refusal('KEY_CANNOT_SIGN', { fingerprint: fingerprintOf(key), detail: (error as Error).message });
  }
}
