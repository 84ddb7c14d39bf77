/** How the lines that may match are found faster than by reading them all. */
import type { Node } from '../syntax/node.ts';
import { type ByteForms, formCount, rarestForms } from './byte-forms.ts';
import { type FingerprintTables, fingerprintTables } from './fingerprint-tables.ts';
import { type LongRun, longRun } from './long-run.ts';
import { reachOf } from './reach.ts';
import { certainSequences, requiredSequences } from './required-sequences.ts';

export type Prefilter =
  | ({ readonly kind: 'fingerprints' } & FingerprintTables & Reach)
  | ({ readonly kind: 'forms' } & ByteForms & Reach)
  | ({ readonly kind: 'longRun' } & LongRun & Reach);

interface Reach {
  /** How many bytes at the end of a line in which it finds nothing a match that goes on may have; undefined: all. */
  readonly reach: number | undefined;
}

/** Forms this likely are taken before fingerprints, which may be rarer but take three times as long to look for. */
const rareForms = 1 / 4000;

/** The prefilter for lines that match one of `patterns` (simplified, in line mode), or undefined when none is worth it. */
export function findPrefilter(patterns: readonly Node[]): Prefilter | undefined {
  const run = patterns.length === 1 ? longRun(patterns[0]!) : undefined;
  if (run !== undefined) return { kind: 'longRun', reach: undefined, ...run };
  const forms = patterns.length === 1 ? bestForms(patterns[0]!) : undefined;
  if (forms !== undefined && forms.likelihood < rareForms) return { kind: 'forms', ...forms };
  const required = patterns.map(requiredSequences);
  if (!required.every((one) => one !== undefined)) return undefined;
  const sequences = required.flatMap((one) => one.sequences);
  const tables = fingerprintTables(sequences);
  if (tables === undefined) return undefined;
  const before = Math.max(...required.map((one) => one.before));
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  return { kind: 'fingerprints', reach: reachOf(patterns, before, length), ...tables };
}

/** The rarest forms, or some that are as good to look for and have a reach. */
function bestForms(pattern: Node): (ByteForms & Reach) | undefined {
  const all = certainSequences(pattern).map(({ sequence, before }) => {
    return { ...rarestForms(sequence), reach: reachOf([pattern], before, sequence.length) };
  });
  const [best] = all.sort((a, b) => a.likelihood - b.likelihood);
  const isAsGood = ({ likelihood, rare }: ByteForms) =>
    likelihood < rareForms && (rare < formCount || best!.rare === formCount);
  return all.find((one) => one.reach !== undefined && isAsGood(one)) ?? best;
}
