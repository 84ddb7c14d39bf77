/** How the lines that may match are found faster than by reading them all. */
import type { Node } from '../syntax/node.ts';
import { type BytePair, bestPair } from './byte-pair.ts';
import { fingerprintTables } from './fingerprint-tables.ts';
import { type LongRun, longRun } from './long-run.ts';
import { bestFingerprint, requiredSequences } from './required-sequences.ts';

export type Prefilter =
  | { readonly kind: 'fingerprints'; readonly tables: Uint8Array }
  | ({ readonly kind: 'pair' } & BytePair)
  | ({ readonly kind: 'longRun' } & LongRun);

/** A pair this likely is taken before a fingerprint, which is rarer but takes three times as long to look for. */
const rarePair = 1 / 2000;

/** The prefilter for lines that match one of `patterns` (simplified, in line mode), or undefined when none is worth it. */
export function findPrefilter(patterns: readonly Node[]): Prefilter | undefined {
  const run = patterns.length === 1 ? longRun(patterns[0]!) : undefined;
  if (run !== undefined) return { kind: 'longRun', ...run };
  const required = patterns.map(requiredSequences);
  if (required.includes(undefined)) return undefined;
  const pair = required.length === 1 && required[0]!.length === 1 ? bestPair(required[0]![0]!) : undefined;
  if (pair !== undefined && pair.likelihood < rarePair) return { kind: 'pair', ...pair };
  const fingerprints = required.flatMap((sequences) => sequences!.map(bestFingerprint));
  const tables = fingerprintTables(fingerprints);
  return tables === undefined ? undefined : { kind: 'fingerprints', tables };
}
