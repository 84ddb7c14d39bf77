/**
 * Fuzzes packages/regexp: random patterns and inputs against re2js, and sets over lines against single patterns. Every
 * so often, with bytes that are no UTF-8 and all ways to ask at once; a disagreement is then made as small as it gets.
 */
import fc from 'fast-check';
import { createKernel } from '../packages/regexp/src/kernel/kernel.ts';
import { compareScans, compareWithRe2js } from '../packages/regexp/src/testing/disagreement.ts';
import { Dice } from '../packages/regexp/src/testing/random-patterns.ts';
import { compareAll } from '../packages/regexp/test/agreement.ts';
import { anyLongCase, compareLong } from '../packages/regexp/test/long-inputs.ts';
import { anyInput, anyPattern } from '../packages/regexp/test/random-pattern.ts';

/** Longest that one pattern on some inputs may take, in processor time: the machine may have other things to do. */
const patienceMs = 5_000;

const kernel = createKernel();

export function fuzzRegexp(seed: number): number {
  const dice = new Dice(seed);
  let pairs = 0;
  for (const compare of [compareWithRe2js, compareWithRe2js, compareScans]) {
    pairs += timed(() => {
      const { pairs: more, disagreement } = compare(dice);
      if (disagreement !== undefined) throw new Error(disagreement);
      return more;
    });
  }
  return seed % 8 === 0 ? pairs + fuzzBytes(seed) : pairs;
}

function fuzzBytes(seed: number): number {
  let pairs = 0;
  const patterns = fc.array(anyPattern, { minLength: 1, maxLength: seed % 3 === 0 ? 4 : 1 });
  const inputs = fc.array(anyInput, { minLength: 1, maxLength: 24 });
  const property = fc.property(patterns, inputs, fc.integer({ min: 1, max: 40 }), (given, chosen, cut) => {
    timed(() => compareAll(given, chosen, cut));
    pairs += given.length * chosen.length;
  });
  fc.assert(property, { numRuns: 20, seed });
  const long = fc.property(anyLongCase, (chosen) => {
    timed(() => compareLong(chosen, kernel));
    pairs += chosen.patterns.length;
  });
  fc.assert(long, { numRuns: 5, seed });
  return pairs;
}

function timed<T>(run: () => T): T {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  const tookMs = (user + system) / 1000;
  if (tookMs > patienceMs) throw new Error(`took ${Math.round(tookMs)} ms`);
  return result;
}
