import { describe, expect, test } from 'vitest';
import { createEnvelope, encodeEnvelope, parseEnvelope, payloadOf, signedBytesOf } from './envelope.ts';
import { preAuthenticationEncoding } from './pre-authentication-encoding.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);
const type = 'application/vnd.mig.action+json';

describe('the pre-authentication encoding', () => {
  test('is the one of the example in the specification', () => {
    // dsse, protocol.md, "Test Vectors"
    expect(text(preAuthenticationEncoding('http://example.com/HelloWorld', bytes('hello world')))).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });

  test('counts bytes, and takes an empty type and payload', () => {
    expect(text(preAuthenticationEncoding('ü', bytes('€')))).toBe('DSSEv1 2 ü 3 €');
    expect(text(preAuthenticationEncoding('', bytes('')))).toBe('DSSEv1 0  0 ');
  });
});

describe('an envelope', () => {
  test('carries the exact bytes, in standard base64', () => {
    const envelope = createEnvelope(bytes('{"a" :\t1}'));

    expect(JSON.parse(encodeEnvelope(envelope))).toEqual({
      payload: 'eyJhIiA6CTF9',
      payloadType: type,
      signatures: [],
    });
    expect(text(payloadOf(parseEnvelope(encodeEnvelope(envelope))))).toBe('{"a" :\t1}');
    expect(text(signedBytesOf(envelope))).toBe(`DSSEv1 31 ${type} 9 {"a" :\t1}`);
  });

  test('may hold keys that are not known, which are ignored', () => {
    const extended = { ...createEnvelope(bytes('{}')), note: 1, signatures: [{ sig: 'AA==', cert: 'x' }] };

    expect(parseEnvelope(extended)).toEqual({ payload: 'e30=', payloadType: type, signatures: [{ sig: 'AA==' }] });
  });

  test.each<[string, unknown, string, RegExp]>([
    ['text that is not JSON', '{', 'TEXT_MALFORMED', /^envelope is not JSON/],
    ['two payloads', '{"payload":"","payload":""}', 'TEXT_AMBIGUOUS', /'payload' is there twice/],
    ['more bytes than fit', new Uint8Array(6 * 1024 * 1024 + 1), 'TEXT_TOO_LARGE', /at most 6291456/],
    ['nothing', undefined, 'ENVELOPE_MALFORMED', /^envelope: expected an object, got nothing$/],
    [
      'no signatures',
      { payload: '', payloadType: type },
      'ENVELOPE_MALFORMED',
      /signatures: expected a list, got nothing/,
    ],
    [
      'too many signatures',
      { payload: '', payloadType: type, signatures: Array(17).fill({ sig: '' }) },
      'ENVELOPE_MALFORMED',
      /signatures: expected at most 16 of them/,
    ],
    [
      'a signature that is too long',
      { payload: '', payloadType: type, signatures: [{ sig: 'A'.repeat(20_000) }] },
      'ENVELOPE_MALFORMED',
      /signatures\[0\]\.sig: expected at most \d+ characters/,
    ],
    [
      'a payload that is too long',
      { payload: 'A'.repeat(5_600_000), payloadType: type, signatures: [] },
      'ENVELOPE_MALFORMED',
      /payload: expected at most \d+ characters/,
    ],
  ])('is refused with %s', (_, value, code, message) => {
    expect(() => parseEnvelope(value)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test.each(['e30', 'e3 0=', 'e31=', 'e30=\n', '*'])('with the payload %j is refused: it is not base64', (payload) => {
    expect(() => payloadOf({ payload, payloadType: type, signatures: [] })).toThrow('payload: expected base64');
  });

  test('of another type is no action', () => {
    const envelope = createEnvelope(bytes('{}'), 'text/plain');

    expect(() => payloadOf(envelope)).toThrow(`envelope carries 'text/plain', expected '${type}'`);
  });
});
