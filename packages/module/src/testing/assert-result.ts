/** The rules that every result obeys, as an assertion. */
import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { AnyModule } from '../contract/define-module.ts';
import { printResults } from '../contract/print-results.ts';
import { encodeResult, type Result } from '../contract/result.ts';

/** What a module answers, by its own schemas. */
export type ResultOf<M extends AnyModule> = Result<z.output<M['elements']>, z.output<M['statistics']>>;

/** Fails when `result` breaks a rule of the contract, whatever the module found. */
export function assertResult<M extends AnyModule>(module: M, result: Result): asserts result is ResultOf<M> {
  const line = encodeResult(result);
  assert.ok(!line.includes('\n'), 'a result is one line');
  assert.deepEqual(Object.keys(JSON.parse(line)), ['foundanything', 'success', 'elements', 'statistics', 'errors']);
  for (const text of result.errors ?? []) {
    assert.ok(!/\n\s+at /.test(text), `an error holds no stack trace: ${text}`);
  }
  if (!result.success) {
    assert.equal(result.foundanything, false, 'a failed run has found nothing');
    assert.equal(result.elements, null, 'a failed run has no elements');
    assert.equal(result.errors?.length, 1, 'a failed run says why, once');
    return;
  }
  module.elements.parse(result.elements);
  module.statistics.parse(result.statistics);
  for (const text of printResults(module, JSON.parse(line) as Result)) assert.equal(typeof text, 'string');
}
