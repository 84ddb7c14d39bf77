/**
 * Verifies every signature of an envelope against a keyring. Reads as a list of refusals; what none of them names is
 * valid. Whether valid signatures are enough is not decided here: access lists say so.
 */
import type { PublicKey, SignaturePacket } from 'openpgp';
import { actionPayloadType } from '../document/action.ts';
import { clockAllowanceMs } from '../document/create-action.ts';
import { ActionError, actionError, type Refusal, refusal } from '../errors/refusal.ts';
import { nameOf } from '../keyring/describe-key.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { fingerprintOf, loadOpenPgp } from '../keyring/openpgp.ts';
import { whyKeyUnusable } from '../keyring/usability.ts';
import { decodeBase64 } from '../text/base64.ts';
import { type Envelope, payloadOf } from './envelope.ts';
import { preAuthenticationEncoding } from './pre-authentication-encoding.ts';
import { readOneSignature } from './read-signature.ts';

/**
 * What came of one signature, in the order of the envelope. `fingerprint` is of the primary key and `investigator` is
 * its user id; both are null when the signer is not known. `reason` is null when the signature is valid.
 */
export interface SignatureVerdict {
  readonly fingerprint: string | null;
  readonly investigator: string | null;
  readonly signedat: string | null;
  readonly valid: boolean;
  readonly reason: Refusal | null;
}

/**
 * Verifies the signatures of `envelope` at `now`. A second signature of one primary key is not valid, whichever of its
 * subkeys made it. Throws PAYLOAD_TYPE_UNKNOWN when the payload is not of `payloadType` (an action, unless it is said),
 * and ENVELOPE_MALFORMED when it is not base64.
 */
export async function verifySignatures(
  envelope: Envelope,
  keyring: Keyring,
  now: Date,
  payloadType: string = actionPayloadType,
): Promise<readonly SignatureVerdict[]> {
  const signed = preAuthenticationEncoding(payloadType, payloadOf(envelope, payloadType));
  const verdicts: SignatureVerdict[] = [];
  for (const [i, { sig }] of envelope.signatures.entries()) {
    const verdict = await verifyOne({ sig, number: i + 1, signed, keyring, now });
    const { fingerprint } = verdict;
    const isRepeated =
      verdict.valid && verdicts.some((earlier) => earlier.valid && earlier.fingerprint === fingerprint);
    const reason = isRepeated ? refusal('SIGNER_REPEATED', { number: i + 1, fingerprint: fingerprint! }) : null;
    verdicts.push(reason === null ? verdict : { ...verdict, valid: false, reason });
  }
  return verdicts;
}

interface OneSignature {
  readonly sig: string;
  readonly number: number;
  readonly signed: Uint8Array;
  readonly keyring: Keyring;
  readonly now: Date;
}

async function verifyOne({ sig, number, signed, keyring, now }: OneSignature): Promise<SignatureVerdict> {
  const nobody = { fingerprint: null, investigator: null, signedat: null, valid: false };
  let signature: SignaturePacket;
  try {
    const content = decodeBase64(sig);
    if (content === undefined) throw actionError('SIGNATURE_MALFORMED', { number, detail: 'expected base64' });
    signature = await readOneSignature(content, number);
  } catch (error) {
    if (error instanceof ActionError) return { ...nobody, reason: error.refusal };
    throw error;
  }
  const signedat = signature.created?.toISOString() ?? null;
  const form = await whyFormRefused(signature, number);
  if (form !== undefined) return { ...nobody, signedat, reason: form };

  // Two keys can share a key id, and a key can list a subkey of somebody else: whoever verifies is the signer.
  const candidates = [...keyring.keys.values()].filter((key) => key.getKeys(signature.issuerKeyID).length > 0);
  let verdict: SignatureVerdict | undefined;
  for (const key of candidates) {
    const reason = (await whyRefused({ signature, key, number, signed, now })) ?? null;
    const signer = { fingerprint: fingerprintOf(key), investigator: nameOf(key), signedat };
    if (reason === null) return { ...signer, valid: true, reason };
    verdict ??= { ...signer, valid: false, reason };
  }
  const fingerprint = signature.issuerKeyID.toHex().toUpperCase();
  return verdict ?? { ...nobody, signedat, reason: refusal('KEY_UNKNOWN', { fingerprint }) };
}

/** What can be told of a signature without a key. */
async function whyFormRefused(signature: SignaturePacket, number: number): Promise<Refusal | undefined> {
  const { enums } = await loadOpenPgp();
  const { signatureType, hashAlgorithm } = signature;
  if (signatureType !== enums.signature.binary) {
    return refusal('SIGNATURE_KIND_WRONG', { number, value: signatureType ?? 'unknown' });
  }
  const name = Object.entries(enums.hash).find(([, value]) => value === hashAlgorithm)?.[0];
  if (name === undefined || !acceptedHashes.includes(name)) {
    const value = name ?? `of number ${hashAlgorithm}`;
    return refusal('SIGNATURE_HASH_WEAK', { number, value, expected: acceptedHashes.join(', ') });
  }
  return undefined;
}

/** Hashes that a signature may use, by the names of RFC 9580 section 9.5. */
const acceptedHashes: readonly string[] = ['sha256', 'sha384', 'sha512', 'sha3_256', 'sha3_512'];

interface Candidate {
  readonly signature: SignaturePacket;
  readonly key: PublicKey;
  readonly number: number;
  readonly signed: Uint8Array;
  readonly now: Date;
}

async function whyRefused({ signature, key, number, signed, now }: Candidate): Promise<Refusal | undefined> {
  const fingerprint = fingerprintOf(key);
  const created = signature.created ?? new Date(Number.NaN);
  if (!(created.getTime() <= now.getTime() + clockAllowanceMs)) {
    const made = Number.isNaN(created.getTime()) ? 'no date' : created.toISOString();
    return refusal('SIGNATURE_FROM_FUTURE', { number, fingerprint, created: made, now: now.toISOString() });
  }
  // The signer's clock may be ahead of this one a little, and the key may have been made just then.
  const at = created > now ? created : now;
  const unusable = await whyKeyUnusable(key, at, signature.issuerKeyID);
  if (unusable !== undefined) return unusable;
  const expires = signature.getExpirationTime();
  if (expires instanceof Date && expires <= at) {
    return refusal('SIGNATURE_EXPIRED', { number, fingerprint, expired: expires.toISOString() });
  }
  return whyNotMatching({ signature, key, number, signed, now: at });
}

async function whyNotMatching({ signature, key, number, signed, now }: Candidate): Promise<Refusal | undefined> {
  const openpgp = await loadOpenPgp();
  const list = new openpgp.PacketList<SignaturePacket>();
  list.push(signature);
  try {
    const message = await openpgp.createMessage({ binary: signed });
    const result = await openpgp.verify({
      message,
      signature: new openpgp.Signature(list),
      verificationKeys: key,
      date: now,
    });
    const [outcome] = result.signatures;
    if (outcome === undefined || (await outcome.verified) !== true) throw new Error('it was not verified');
    return undefined;
  } catch (error) {
    return refusal('SIGNATURE_INVALID', { number, fingerprint: fingerprintOf(key), detail: (error as Error).message });
  }
}
