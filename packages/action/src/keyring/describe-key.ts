/** What people see of a key: whose it is, and whether it can be used. */
import type { PublicKey } from 'openpgp';
import type { Refusal } from '../errors/refusal.ts';
import type { Keyring } from './keyring.ts';
import { fingerprintOf } from './openpgp.ts';
import { expirationOf, whyKeyUnusable } from './usability.ts';

/** A key in words. `unusable` is why it cannot sign now, or null. Times are RFC 3339; `expires` is null for never. */
export interface KeyDescription {
  readonly fingerprint: string;
  readonly userids: readonly string[];
  readonly algorithm: string;
  readonly created: string;
  readonly expires: string | null;
  readonly status: 'usable' | 'revoked' | 'expired' | 'unusable';
  readonly unusable: Refusal | null;
}

/** Describes every key of `keyring`, sorted by fingerprint. */
export async function describeKeys(keyring: Keyring, now: Date): Promise<readonly KeyDescription[]> {
  const keys = [...keyring.keys].sort(([a], [b]) => (a < b ? -1 : 1));
  return Promise.all(keys.map(([, key]) => describeKey(key, now)));
}

/** Describes one key. */
export async function describeKey(key: PublicKey, now: Date): Promise<KeyDescription> {
  const unusable = (await whyKeyUnusable(key, now)) ?? null;
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  return {
    fingerprint: fingerprintOf(key),
    userids: key.getUserIDs(),
    algorithm: curve ?? (bits === undefined ? algorithm : `rsa${bits}`),
    created: key.getCreationTime().toISOString(),
    expires: (await expirationOf(key))?.toISOString() ?? null,
    status: statusOf(unusable),
    unusable,
  };
}

/** Whose key it is: the first user id, or the fingerprint when there is none. */
export function nameOf(key: PublicKey): string {
  return key.getUserIDs()[0] ?? fingerprintOf(key);
}

function statusOf(unusable: Refusal | null): KeyDescription['status'] {
  if (unusable === null) return 'usable';
  if (unusable.code === 'KEY_REVOKED') return 'revoked';
  return unusable.code === 'KEY_EXPIRED' ? 'expired' : 'unusable';
}
