/** The inside of a module process: reads messages, runs a module, writes its result. Needs Node. */
export { type Bytes, linesOf } from './lines.ts';
export { runOnce, writeResult } from './one-shot.ts';
export { type RunOptions, runModule } from './run-module.ts';
export { standardInput } from './standard-input.ts';
export type { ThreadScript, ThreadStart } from './threads.ts';
