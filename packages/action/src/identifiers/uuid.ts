/**
 * UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits. Sorted as text they are
 * in order of creation, to the millisecond.
 */
import { z } from 'zod';

/** A UUID of version 7, in lower case. It holds no character that means something in a topic or a path. */
export const Uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, {
  error: 'expected a UUID of version 7 in lower case, such as 01909b4e-7d2a-7c3e-9a40-5b0f1a2b3c4d',
});
export type Uuid = z.output<typeof Uuid>;

/** Makes a new one for the time `now` (milliseconds since 1970). The same `seed`, 16 bytes, gives the same one again. */
export function createUuid(
  now: number = Date.now(),
  seed: Uint8Array = crypto.getRandomValues(new Uint8Array(16)),
): Uuid {
  const bytes = Uint8Array.from(seed);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(now / 2 ** 32));
  view.setUint32(2, now % 2 ** 32);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Gives the time that `id` was made at, in milliseconds since 1970. */
export function timeOfUuid(id: Uuid): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
