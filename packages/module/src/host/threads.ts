/** Threads of a module process. All run one script, which finds the module's entry by name. */
import type { AnyModule, Thread } from '../contract/define-module.ts';

/** The file that `serveThread` is called in: one bundle for all threads of all modules. */
export type ThreadScript = string;

/** What a thread is told at its start. */
export interface ThreadStart {
  readonly entry: string;
  readonly data: unknown;
}

/** Starts a thread, or gives undefined when there is no script for it. Loads `node:worker_threads` only then. */
export function startThread(
  script: ThreadScript | undefined,
  module: AnyModule,
  entry: string,
  data: unknown,
): Thread | undefined {
  if (script === undefined) return undefined;
  if (!module.needs.includes('threads')) {
    throw new Error(`module ${module.name} starts a thread without the need 'threads': declare it`);
  }
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const start: ThreadStart = { entry, data };
  return new Worker(script, { workerData: start, env: {}, stdin: false });
}
