/** Revokes a key of a keyring with the certificate that its owner kept for the day when the key is lost. */
import { actionError } from '../errors/refusal.ts';
import { armoredBlocks } from './armor.ts';
import type { Keyring } from './keyring.ts';
import { anyTime, loadOpenPgp } from './openpgp.ts';

/** Gives the keyring with the key revoked that `certificate` is of. Throws KEY_MALFORMED when it is of none of them. */
export async function revokeKey(keyring: Keyring, certificate: string): Promise<Keyring> {
  const what = 'revocation certificate';
  // gpg writes a colon before the armor, so that nobody uses the certificate by accident.
  const [revocationCertificate] = armoredBlocks(certificate.replace(/^:(?=-----BEGIN)/m, ''));
  if (revocationCertificate === undefined) {
    throw actionError('KEY_MALFORMED', { what, detail: "it has no block that begins with '-----BEGIN PGP'" });
  }
  const openpgp = await loadOpenPgp();
  for (const [fingerprint, key] of keyring.keys) {
    try {
      const revoked = await openpgp.revokeKey({ key, revocationCertificate, date: anyTime, format: 'object' });
      return { keys: new Map(keyring.keys).set(fingerprint, revoked.publicKey) };
    } catch {
      // It is of another key.
    }
  }
  throw actionError('KEY_MALFORMED', { what, detail: 'it fits no key of the keyring' });
}
