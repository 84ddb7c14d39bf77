/**
 * The fuzzer of packages/regexp: patterns and inputs at random, every way to ask compared with re2js. A disagreement is
 * made smaller, printed with its seed, and thrown. A pattern that takes longer than a second is a hang.
 */
import fc from 'fast-check';
import { compareAll } from '../packages/regexp/test/agreement.ts';
import { anyInput, anyPattern } from '../packages/regexp/test/random-pattern.ts';
import type { FuzzOptions } from './fuzz.ts';

const batch = 500;
const longestMs = 5000;

export async function fuzzRegexp({ seconds, seed }: FuzzOptions): Promise<void> {
  const began = performance.now();
  let pairs = 0;
  let reported = began;
  for (let round = 0; performance.now() - began < seconds * 1000; round++) {
    const sets = fc.array(anyPattern, { minLength: 1, maxLength: round % 3 === 0 ? 4 : 1 });
    const property = fc.property(
      sets,
      fc.array(anyInput, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      (patterns, inputs, cut) => {
        const start = performance.now();
        compareAll(patterns, inputs, cut);
        pairs += patterns.length * inputs.length;
        const tookMs = performance.now() - start;
        if (tookMs > longestMs) throw new Error(`took ${tookMs.toFixed(0)} ms: ${JSON.stringify(patterns)}`);
      },
    );
    fc.assert(property, { numRuns: batch, seed: seed + round, interruptAfterTimeLimit: 60_000 });
    if (performance.now() - reported > 60_000) {
      reported = performance.now();
      progress();
    }
  }
  progress();

  function progress(): void {
    const elapsed = ((performance.now() - began) / 1000).toFixed(0);
    process.stdout.write(
      `regexp: ${pairs} pairs of pattern and input in ${elapsed} s, seed ${seed}, no disagreement\n`,
    );
  }
}
