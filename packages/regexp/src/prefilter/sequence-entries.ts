/** What the kernel compares where a fingerprint stands: up to 16 bytes of the sequence that it is part of. */
import { layout, sequenceSize } from '../kernel/layout.ts';
import { coveringForm } from './byte-forms.ts';
import type { Fingerprint, Sequence } from './required-sequences.ts';

/** A sequence, and the fingerprint by which it is found. */
export interface Sought {
  readonly sequence: Sequence;
  readonly fingerprint: Fingerprint;
}

/** Bytes of a sequence that are compared at once. */
const compared = 16;

/** The table for the kernel: for each bucket where its entries begin and end, then the entries. */
export function sequenceEntries(buckets: readonly (readonly Sought[])[]): Uint8Array {
  const head = buckets.length * 8;
  const count = buckets.reduce((sum, { length }) => sum + length, 0);
  const table = new Uint8Array(Math.ceil(head / 16) * 16 + count * sequenceSize);
  const numbers = new DataView(table.buffer);
  let at = Math.ceil(head / 16) * 16;
  buckets.forEach((members, bucket) => {
    numbers.setInt32(bucket * 8, layout.sequences + at, true);
    for (const sought of members) {
      writeEntry(sought, table, numbers, at);
      at += sequenceSize;
    }
    numbers.setInt32(bucket * 8 + 4, layout.sequences + at, true);
  });
  return table;
}

function writeEntry({ sequence, fingerprint }: Sought, table: Uint8Array, numbers: DataView, at: number): void {
  const from = Math.max(0, Math.min(fingerprint.at - compared / 2, sequence.length - compared));
  numbers.setInt32(at, fingerprint.at - from, true);
  sequence.slice(from, from + compared).forEach((set, place) => {
    const { mask, value } = coveringForm(set);
    table[at + 16 + place] = mask;
    table[at + 32 + place] = value;
  });
}
