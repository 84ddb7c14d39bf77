/** Two bytes at a distance that every match holds: the cheapest search of all, where one sequence is required. */
import { shareOf } from './byte-frequency.ts';
import type { Sequence } from './required-sequences.ts';

/** The bytes `b` with `(b & mask) === value`: one byte, a letter in either case, and the like. */
interface ByteForm {
  readonly mask: number;
  readonly value: number;
}

export interface BytePair {
  readonly first: ByteForm;
  readonly second: ByteForm;
  readonly distance: number;
  /** How likely it stands at a place of the input. */
  readonly likelihood: number;
}

/** The rarest pair of places of `sequence`; undefined when there are no two whose bytes have a form. */
export function bestPair(sequence: Sequence): BytePair | undefined {
  const places = sequence.flatMap((set, at) => {
    const form = formOf(set);
    return form === undefined ? [] : [{ form, at, share: shareOf(set) }];
  });
  places.sort((a, b) => a.share - b.share);
  const [one, other] = places;
  if (one === undefined || other === undefined) return undefined;
  const [first, second] = one.at < other.at ? [one, other] : [other, one];
  const likelihood = one.share * other.share;
  return { first: first.form, second: second.form, distance: second.at - first.at, likelihood };
}

/** The form that all bytes of `set` and no others have. */
function formOf(set: readonly number[]): ByteForm | undefined {
  const common = set.reduce((bits, byte) => bits & byte, 0xff);
  const free = set.reduce((bits, byte) => bits | byte, 0) ^ common;
  const freeBits = free.toString(2).replaceAll('0', '').length;
  return new Set(set).size === 2 ** freeBits ? { mask: 0xff & ~free, value: common } : undefined;
}
