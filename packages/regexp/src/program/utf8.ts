/** Ranges of code points as sequences of byte ranges, by UTF-8 (RFC 3629). */
import type { Ranges } from '../syntax/ranges.ts';

/** One byte range a byte of the encoding: `[[0xc3, 0xc3], [0x80, 0xbf]]`. */
export type ByteSequence = readonly (readonly [number, number])[];

/** The encodings of `ranges`, in order. Lead ranges of two sequences are equal or disjoint. */
export function byteSequences(ranges: Ranges): ByteSequence[] {
  const sequences: ByteSequence[] = [];
  for (let i = 0; i < ranges.length; i += 2) split(ranges[i]!, ranges[i + 1]!, sequences);
  return sequences;
}

/** The last code points that take one, two, three bytes; surrogates have no encoding. */
const lengthEnds = [0x7f, 0x7ff, 0xffff];

function split(low: number, high: number, into: ByteSequence[]): void {
  if (low <= 0xdfff && high >= 0xd800) {
    if (low < 0xd800) split(low, 0xd7ff, into);
    if (high > 0xdfff) split(0xe000, high, into);
    return;
  }
  for (const end of lengthEnds) {
    if (low <= end && high > end) {
      split(low, end, into);
      split(end + 1, high, into);
      return;
    }
  }
  if (high <= 0x7f) {
    into.push([[low, high]]);
    return;
  }
  for (let shift = 6; shift <= 18; shift += 6) {
    const mask = (1 << shift) - 1;
    if ((low & ~mask) === (high & ~mask)) break;
    if ((low & mask) !== 0) {
      split(low, low | mask, into);
      split((low | mask) + 1, high, into);
      return;
    }
    if ((high & mask) !== mask) {
      split(low, (high & ~mask) - 1, into);
      split(high & ~mask, high, into);
      return;
    }
  }
  const first = encode(low);
  const last = encode(high);
  into.push(first.map((byte, i) => [byte, last[i]!] as const));
}

/** The UTF-8 encoding of a code point. */
export function encode(codePoint: number): number[] {
  if (codePoint <= 0x7f) return [codePoint];
  const last = 0x80 | (codePoint & 0x3f);
  if (codePoint <= 0x7ff) return [0xc0 | (codePoint >> 6), last];
  const third = 0x80 | ((codePoint >> 6) & 0x3f);
  if (codePoint <= 0xffff) return [0xe0 | (codePoint >> 12), third, last];
  return [0xf0 | (codePoint >> 18), 0x80 | ((codePoint >> 12) & 0x3f), third, last];
}
