/** The inside of a module process: reads messages, runs a module, writes its result. Needs Node. */
export {
  type PersistentHostOptions,
  persistentExit,
  runPersistentHost,
} from '../persistent/persistent-host.ts';
export { type Bytes, linesOf } from './lines.ts';
export { type ChooseModule, type OnceOptions, runOnce, writeResult } from './one-shot.ts';
export { type RunOptions, runModule } from './run-module.ts';
export { standardInput } from './standard-input.ts';
export type { ThreadScript, ThreadStart } from './threads.ts';
