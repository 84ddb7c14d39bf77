/** Fuzzes packages/regexp: random patterns and inputs against re2js, and sets over lines against single patterns. */
import { compareScans, compareWithRe2js } from '../packages/regexp/src/testing/disagreement.ts';
import { Dice } from '../packages/regexp/src/testing/random-patterns.ts';

/** Longest that one pattern on some short inputs may take. */
const patienceMs = 5_000;

export function fuzzRegexp(seed: number): number {
  const dice = new Dice(seed);
  let pairs = 0;
  for (const compare of [compareWithRe2js, compareWithRe2js, compareScans]) {
    const started = performance.now();
    const { pairs: more, disagreement } = compare(dice);
    if (disagreement !== undefined) throw new Error(disagreement);
    if (performance.now() - started > patienceMs) throw new Error(`took ${Math.round(performance.now() - started)} ms`);
    pairs += more;
  }
  return pairs;
}
