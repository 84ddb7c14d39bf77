/** Adds signatures to an envelope: made here with a private key, or made elsewhere over the same bytes. */
import type { PrivateKey, SignaturePacket } from 'openpgp';
import { ActionError, actionError } from '../errors/refusal.ts';
import { fingerprintOf, loadOpenPgp } from '../keyring/openpgp.ts';
import { openPrivateKey, readPrivateKey } from '../keyring/private-key.ts';
import { whyKeyUnusable } from '../keyring/usability.ts';
import { decodeBase64, encodeBase64 } from '../text/base64.ts';
import { mostSignatures } from '../text/limits.ts';
import { type Envelope, type EnvelopeSignature, signedBytesOf } from './envelope.ts';
import { readOneSignature, readSignatures } from './read-signature.ts';

/** Who signs, and when (default: now). `privateKey` is armored or binary, with its passphrase if it has one. */
export interface Signer {
  readonly privateKey: string | Uint8Array;
  readonly passphrase?: string | undefined;
  readonly now?: Date | undefined;
}

/**
 * Gives `envelope` with one more signature. Throws KEY_… and PASSPHRASE_… for a key that cannot be used, and
 * SIGNER_REPEATED when the key signed it before.
 */
export async function signEnvelope(envelope: Envelope, signer: Signer): Promise<Envelope> {
  const openpgp = await loadOpenPgp();
  const now = signer.now ?? new Date();
  const locked = await readPrivateKey(signer.privateKey);
  const unusable = await whyKeyUnusable(locked.toPublic(), now);
  if (unusable !== undefined) throw new ActionError(unusable);
  await refuseRepeated(envelope, locked);
  const signingKeys = await openPrivateKey(locked, signer.passphrase);
  const message = await openpgp.createMessage({ binary: signedBytesOf(envelope) });
  const signature = await openpgp.sign({ message, signingKeys, detached: true, format: 'binary', date: now });
  return withSignatures(envelope, [{ keyid: fingerprintOf(locked), sig: encodeBase64(signature) }]);
}

/**
 * Gives `envelope` with the signatures that `gpg --detach-sign` made over `signedBytesOf(envelope)`, binary or armored.
 * They are read here and verified by whoever verifies the envelope. Throws SIGNATURE_MALFORMED.
 */
export async function addSignature(envelope: Envelope, detached: string | Uint8Array): Promise<Envelope> {
  const openpgp = await loadOpenPgp();
  const content = typeof detached === 'string' ? new TextEncoder().encode(detached) : detached;
  const packets = await readSignatures(content, envelope.signatures.length + 1);
  const added = packets.map((packet) => {
    const list = new openpgp.PacketList<SignaturePacket>();
    list.push(packet);
    return { keyid: issuerOf(packet), sig: encodeBase64(new openpgp.Signature(list).write() as Uint8Array) };
  });
  return withSignatures(envelope, added);
}

/** Who a signature says that it is of: a fingerprint, or the shorter key id of old programs. A hint, and no proof. */
function issuerOf({ issuerFingerprint, issuerKeyID }: SignaturePacket): string {
  if (issuerFingerprint === null) return issuerKeyID.toHex().toUpperCase();
  return Array.from(issuerFingerprint, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

async function refuseRepeated({ signatures }: Envelope, key: PrivateKey): Promise<void> {
  for (const [i, { sig }] of signatures.entries()) {
    const { issuerKeyID } = await readOneSignature(decodeBase64(sig) ?? new Uint8Array(), i + 1);
    if (key.getKeyIDs().some((id) => id.equals(issuerKeyID))) {
      throw actionError('SIGNER_REPEATED', { number: signatures.length + 1, fingerprint: fingerprintOf(key) });
    }
  }
}

function withSignatures({ payload, payloadType, signatures }: Envelope, added: readonly EnvelopeSignature[]): Envelope {
  if (signatures.length + added.length > mostSignatures) {
    throw actionError('ENVELOPE_MALFORMED', { detail: `signatures: expected at most ${mostSignatures} of them` });
  }
  return { payload, payloadType, signatures: [...signatures, ...added] };
}
