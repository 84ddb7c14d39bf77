/** An enrolment token: a secret, and the fingerprint of the CA that the platform must show before it gets the secret. */
import { EnrolmentError } from './enrolment-error.ts';

export interface Token {
  /** The whole token, as the platform wants it. */
  readonly text: string;
  /** SHA-256 of the CA certificate's DER, in lower case hexadecimal. */
  readonly fingerprint: string;
}

/** Reads `<secret>.<sha256>`. Throws EnrolmentError; the message never holds the token. */
export function parseToken(text: string): Token {
  const trimmed = text.trim();
  const fingerprint = /^[^\s.]+\.([0-9a-f]{64})$/.exec(trimmed)?.[1];
  if (fingerprint !== undefined) return { text: trimmed, fingerprint };
  throw new EnrolmentError(
    `token: expected a secret, a dot and 64 hexadecimal digits, got ${trimmed.length} characters that are not so: make one with 'mig token create'`,
  );
}
