/**
 * The test kit of module authors: runs a module in this process or as one, and checks the result rules each time.
 * Needs Node; imported by tests only.
 */
import type { AnyModule } from '../contract/define-module.ts';
import { parseFlags } from '../flags/parse.ts';
import { type RunOptions, runModule } from '../host/run-module.ts';
import { assertResult, type ResultOf } from './assert-result.ts';

export { assertResult, type ResultOf } from './assert-result.ts';
export { type Confined, serveConfined, startConfined } from './confined.ts';
export { describeContract } from './contract-tests.ts';
export { startInstance, type TestedInstance } from './instance.ts';

/** Runs `module` in this process with `parameters` as they travel, and asserts the result rules. */
export async function run<M extends AnyModule>(
  module: M,
  parameters: unknown,
  options: RunOptions = {},
): Promise<ResultOf<M>> {
  const crashes: unknown[] = [];
  const result = await runModule(module, parameters, { onCrash: (error) => crashes.push(error), ...options });
  assertResult(module, result);
  return result;
}

/** Like `run`, with the flags of the command line for parameters. */
export function runFlags<M extends AnyModule>(
  module: M,
  flags: readonly string[],
  options: RunOptions = {},
): Promise<ResultOf<M>> {
  const readText = (path: string): string => {
    throw new Error(`this test gives no file ${path}`);
  };
  return run(module, parseFlags(module, flags, readText), options);
}
