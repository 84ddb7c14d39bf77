/**
 * The bytes that a signature of an envelope is over: DSSE's pre-authentication encoding
 * (https://github.com/secure-systems-lab/dsse, protocol.md, version 1.0.2).
 *
 * `DSSEv1 <length of type> <type> <length of payload> <payload>`, with single spaces and lengths in ASCII decimal. It
 * binds the type to the payload, and parsing it needs no parser.
 */

/** Gives the bytes to sign for `payload` of `payloadType`. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const type = encoder.encode(payloadType);
  const head = encoder.encode(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const encoded = new Uint8Array(head.length + payload.length);
  encoded.set(head);
  encoded.set(payload, head.length);
  return encoded;
}
