/** Fuzzes the parameters of every module: whatever is sent, the answer obeys the rules of the contract. */

import { runModule } from '@mig/module/host';
import { available } from '@mig/modules';
import fc from 'fast-check';
import { assertResult } from '../packages/module/src/testing/assert-result.ts';

/** Modules that act on what they are told are fuzzed up to validation only: their example is never run here. */
const patienceMs = 3_000;

export async function fuzzModules(seed: number): Promise<number> {
  for (const module of available.modules) {
    const keys = Object.keys((module.parameters as { shape?: object }).shape ?? {});
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('-1', '(', '[', '<10m', '/nonexistent', '\0', 'x'.repeat(5000)),
    );
    const parameters = fc.oneof(value, fc.dictionary(fc.constantFrom(...keys, 'nosuch'), value, { maxKeys: 4 }));
    const [sample] = fc.sample(parameters, { seed, numRuns: 1 });
    const stopper = new AbortController();
    const timer = setTimeout(() => stopper.abort(), patienceMs);
    const result = await runModule(module, sample, { signal: stopper.signal });
    clearTimeout(timer);
    try {
      assertResult(module, result);
    } catch (error) {
      throw new Error(
        `${module.name} with ${JSON.stringify(sample)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return available.modules.length;
}
