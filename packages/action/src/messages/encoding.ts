/** Messages to bytes and back. Reading is the edge: after it, a message has its shape and can be stored. */
import { actionError } from '../errors/refusal.ts';
import { describeIssues } from '../text/issues.ts';
import { nestsDeeperThan, storableValue } from '../text/json-document.ts';
import { type MessageKind, type MessageOf, messageKinds } from './kinds.ts';

/** Deepest nesting of a message. PostgreSQL refuses a document that exhausts its stack, and a whole batch with it. */
const deepestMessage = 256;

/** Writes a message as JSON in UTF-8. Throws MESSAGE_TOO_LARGE: better here, by name, than cut by a broker. */
export function encodeMessage<Kind extends MessageKind>(kind: Kind, message: MessageOf<Kind>): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  checkSize(kind, bytes.length);
  return bytes;
}

/**
 * Reads a message of `kind`. Throws MESSAGE_TOO_LARGE or MESSAGE_MALFORMED. Characters that PostgreSQL cannot store
 * (NUL, half a surrogate pair) become U+FFFD, so that no endpoint can make the platform's inserts fail.
 */
export function decodeMessage<Kind extends MessageKind>(kind: Kind, bytes: Uint8Array): MessageOf<Kind> {
  checkSize(kind, bytes.byteLength);
  const value = parse(kind, bytes);
  const parsed = messageKinds[kind].schema.safeParse(value);
  if (!parsed.success) {
    throw actionError('MESSAGE_MALFORMED', { kind, detail: describeIssues(parsed.error.issues, value) });
  }
  return parsed.data as MessageOf<Kind>;
}

function checkSize(kind: MessageKind, bytes: number): void {
  const limit = messageKinds[kind].longestBytes;
  if (bytes > limit) throw actionError('MESSAGE_TOO_LARGE', { kind, bytes, limit });
}

function parse(kind: MessageKind, bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (nestsDeeperThan(text, deepestMessage)) throw new Error(`it nests deeper than ${deepestMessage}`);
    const value: unknown = JSON.parse(text);
    return /\\u(?:0000|[dD][89a-fA-F])/.test(text) ? storableValue(value) : value;
  } catch (cause) {
    throw actionError('MESSAGE_MALFORMED', { kind, detail: (cause as Error).message }, { cause });
  }
}
