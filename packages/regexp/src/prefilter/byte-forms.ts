/** Up to three bytes, at distances, that stand in every match: the cheapest search of all, where one sequence is required. */
import { shareOf } from './byte-frequency.ts';
import type { Sequence } from './required-sequences.ts';

/** The bytes `b` with `(b & mask) === value`, `distance` behind the first: one byte, a letter in either case, and the like. */
export interface ByteForm {
  readonly mask: number;
  readonly value: number;
  readonly distance: number;
}

export interface ByteForms {
  /** Three; those beyond what the sequence has are of any byte. */
  readonly forms: readonly ByteForm[];
  /** The number of one that is rare enough to be looked for alone; `formCount` where none is. */
  readonly rare: number;
  /** How likely they stand at a place of the input. */
  readonly likelihood: number;
}

export const formCount = 3;

/** The share of bytes below which most stretches of 64 hold none of them. */
const rareShare = 1 / 150;

/** The rarest places of `sequence` whose bytes have a form. */
export function rarestForms(sequence: Sequence): ByteForms {
  const places = sequence.flatMap((set, at) => {
    const form = formOf(set);
    return form === undefined ? [] : [{ ...form, at, share: shareOf(set) }];
  });
  const rare = places.sort((a, b) => a.share - b.share).slice(0, formCount);
  const likelihood = rare.reduce((product, { share }) => product * share, 1);
  const [first] = rare;
  rare.sort((a, b) => a.at - b.at);
  const forms = Array.from({ length: formCount }, (_, i) => {
    const { mask = 0, value = 0, at = 0 } = rare[i] ?? {};
    return { mask, value, distance: rare[i] === undefined ? 0 : at - rare[0]!.at };
  });
  return { forms, likelihood, rare: first !== undefined && first.share < rareShare ? rare.indexOf(first) : formCount };
}

/** The narrowest form that all bytes of `set` have; others may have it too. */
export function coveringForm(set: readonly number[]): { readonly mask: number; readonly value: number } {
  const value = set.reduce((bits, byte) => bits & byte, 0xff);
  const free = set.reduce((bits, byte) => bits | byte, 0) ^ value;
  return { mask: 0xff & ~free, value };
}

function formOf(set: readonly number[]): { readonly mask: number; readonly value: number } | undefined {
  const form = coveringForm(set);
  const freeBits = (0xff ^ form.mask).toString(2).replaceAll('0', '').length;
  return new Set(set).size === 2 ** freeBits ? form : undefined;
}
