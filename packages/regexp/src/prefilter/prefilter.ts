/** How the lines that may match are found faster than by reading them all. */
import type { Node } from '../syntax/node.ts';
import { type ByteForms, rarestForms } from './byte-forms.ts';
import { type FingerprintTables, fingerprintTables } from './fingerprint-tables.ts';
import { type LongRun, longRun } from './long-run.ts';
import { certainSequences, requiredSequences } from './required-sequences.ts';

export type Prefilter =
  | ({ readonly kind: 'fingerprints' } & FingerprintTables)
  | ({ readonly kind: 'forms' } & ByteForms)
  | ({ readonly kind: 'longRun' } & LongRun);

/** Forms this likely are taken before fingerprints, which may be rarer but take three times as long to look for. */
const rareForms = 1 / 4000;

/** The prefilter for lines that match one of `patterns` (simplified, in line mode), or undefined when none is worth it. */
export function findPrefilter(patterns: readonly Node[]): Prefilter | undefined {
  const run = patterns.length === 1 ? longRun(patterns[0]!) : undefined;
  if (run !== undefined) return { kind: 'longRun', ...run };
  const forms = patterns.length === 1 ? bestForms(patterns[0]!) : undefined;
  if (forms !== undefined && forms.likelihood < rareForms) return { kind: 'forms', ...forms };
  const required = patterns.map(requiredSequences);
  if (required.includes(undefined)) return undefined;
  const tables = fingerprintTables(required.flatMap((sequences) => sequences!));
  return tables === undefined ? undefined : { kind: 'fingerprints', ...tables };
}

function bestForms(pattern: Node): ByteForms | undefined {
  const all = certainSequences(pattern).map(rarestForms);
  return all.sort((a, b) => a.likelihood - b.likelihood)[0];
}
