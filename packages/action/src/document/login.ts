/**
 * What an investigator signs to log in. It has a payload type of its own: nobody can be brought to sign an action by
 * logging in, or the other way round.
 */
import { z } from 'zod';
import { actionError } from '../errors/refusal.ts';
import { FleetName } from '../identifiers/names.ts';
import { describeIssues } from '../text/issues.ts';
import { parseJsonDocument } from '../text/json-document.ts';
import { Timestamp } from './action.ts';

/** Media type of a signed login, in the envelope's `payloadType`. */
export const loginPayloadType = 'application/vnd.mig.login+json';

const longestLoginBytes = 4096;

/** The platform's challenge, for one fleet, with the time that it is good until. */
export const Login = z
  .strictObject({ fleet: FleetName, challenge: z.string().min(32).max(256), expires: Timestamp })
  .readonly();
export type Login = z.output<typeof Login>;

/** Writes a login as the bytes to sign. */
export function encodeLogin({ fleet, challenge, expires }: Login): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ fleet, challenge, expires }));
}

/** Reads the payload of a login's envelope. Throws DOCUMENT_INVALID, TEXT_…. */
export function parseLogin(payload: Uint8Array | string): Login {
  const value = parseJsonDocument(payload, 'login', longestLoginBytes);
  const parsed = Login.safeParse(value);
  if (parsed.success) return parsed.data;
  throw actionError('DOCUMENT_INVALID', { what: 'login', detail: describeIssues(parsed.error.issues, value) });
}
