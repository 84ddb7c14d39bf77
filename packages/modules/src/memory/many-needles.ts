/**
 * Many byte strings in one pass: each is looked up by two bytes of it that are rare. Its speed does not depend on how many
 * there are, where a search for each of them would take its time for each.
 */
import type { Needle } from './needles.ts';

/** From this number on the one pass is faster. */
export const many = 12;

export class ManyNeedles {
  /** 1 for each pair of bytes, most significant first, that some needle is looked up by. */
  readonly #table = new Uint8Array(65_536);
  readonly #byPair = new Map<number, { readonly needle: Needle; readonly pairAt: number }[]>();

  /** Needles of two bytes or more. */
  constructor(needles: Iterable<Needle>) {
    for (const needle of needles) {
      const pairAt = Math.min(needle.anchorAt, needle.bytes.length - 2);
      const pair = needle.bytes.readUInt16BE(pairAt);
      this.#table[pair] = 1;
      const same = this.#byPair.get(pair);
      if (same === undefined) this.#byPair.set(pair, [{ needle, pairAt }]);
      else same.push({ needle, pairAt });
    }
  }

  /** The needles that stand in `buffer` between `from` and `to`. */
  find(buffer: Buffer, from: number, to: number): Set<Needle> {
    const found = new Set<Needle>();
    const table = this.#table;
    let pair = buffer[from]!;
    for (let at = from + 1; at < to; at++) {
      pair = ((pair & 0xff) << 8) | buffer[at]!;
      if (table[pair] === 1) this.#compare(buffer, from, to, at - 1, pair, found);
    }
    return found;
  }

  #compare(buffer: Buffer, from: number, to: number, at: number, pair: number, found: Set<Needle>): void {
    for (const { needle, pairAt } of this.#byPair.get(pair)!) {
      const start = at - pairAt;
      const end = start + needle.bytes.length;
      if (start < from || end > to || found.has(needle)) continue;
      if (needle.bytes.compare(buffer, start, end) === 0) found.add(needle);
    }
  }
}
