/**
 * The envelope that an action travels in (DSSE): the exact payload bytes in base64, their type, and one detached
 * OpenPGP signature for each investigator. What was signed is what is carried; nobody writes the payload again.
 */
import { z } from 'zod';
import { actionPayloadType } from '../document/action.ts';
import { actionError } from '../errors/refusal.ts';
import { decodeBase64, encodeBase64 } from '../text/base64.ts';
import { describeIssues } from '../text/issues.ts';
import { parseJsonDocument } from '../text/json-document.ts';
import { longestActionBytes, longestEnvelopeBytes, longestSignatureBytes, mostSignatures } from '../text/limits.ts';
import { preAuthenticationEncoding } from './pre-authentication-encoding.ts';

const base64Length = (bytes: number) => Math.ceil(bytes / 3) * 4;

/** One signature: `sig` in base64, and who it is said to be of. Nothing trusts `keyid`: the signature itself tells. */
export const EnvelopeSignature = z
  .object({ keyid: z.string().max(128).optional(), sig: z.string().max(base64Length(longestSignatureBytes)) })
  .readonly();
export type EnvelopeSignature = z.output<typeof EnvelopeSignature>;

/** The envelope. Keys that it does not know are ignored, as DSSE has it. */
export const Envelope = z
  .object({
    payload: z.string().max(base64Length(longestActionBytes)),
    payloadType: z.string().max(255),
    signatures: z.array(EnvelopeSignature).max(mostSignatures).readonly(),
  })
  .readonly();
export type Envelope = z.output<typeof Envelope>;

/** Makes an envelope without signatures around `payload`. */
export function createEnvelope(payload: Uint8Array, payloadType: string = actionPayloadType): Envelope {
  return { payload: encodeBase64(payload), payloadType, signatures: [] };
}

/** Reads an envelope: its JSON, or what JSON.parse made of it. Throws ENVELOPE_MALFORMED, TEXT_… when it is none. */
export function parseEnvelope(envelope: unknown): Envelope {
  const isText = typeof envelope === 'string' || envelope instanceof Uint8Array;
  const value = isText ? parseJsonDocument(envelope, 'envelope', longestEnvelopeBytes) : envelope;
  const parsed = Envelope.safeParse(value);
  if (parsed.success) return parsed.data;
  throw actionError('ENVELOPE_MALFORMED', { detail: describeIssues(parsed.error.issues, value) });
}

/** Writes an envelope as JSON. */
export function encodeEnvelope({ payload, payloadType, signatures }: Envelope): string {
  return JSON.stringify({ payload, payloadType, signatures });
}

/**
 * Gives the payload's bytes. Throws PAYLOAD_TYPE_UNKNOWN when it is not said to be of `expectedType`, and
 * ENVELOPE_MALFORMED when it is not base64.
 */
export function payloadOf(
  { payload, payloadType }: Envelope,
  expectedType: string = actionPayloadType,
): Uint8Array<ArrayBuffer> {
  if (payloadType !== expectedType) {
    throw actionError('PAYLOAD_TYPE_UNKNOWN', { value: payloadType, expected: expectedType });
  }
  const bytes = decodeBase64(payload);
  if (bytes === undefined) throw actionError('ENVELOPE_MALFORMED', { detail: 'payload: expected base64' });
  return bytes;
}

/** Gives the bytes that every signature of `envelope` is over: write them to a file for `gpg --detach-sign`. */
export function signedBytesOf(envelope: Envelope): Uint8Array<ArrayBuffer> {
  return preAuthenticationEncoding(envelope.payloadType, payloadOf(envelope, envelope.payloadType));
}
