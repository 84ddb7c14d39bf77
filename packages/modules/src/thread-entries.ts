/**
 * The script of a thread: finds its entry by name and runs it. Bundled as one file for all modules.
 *
 * An entry is a function of the data that `startThread` was given; it talks through `parentPort`.
 */
import { workerData } from 'node:worker_threads';
import type { ThreadStart } from '@mig/module/host';

type ThreadEntry = (data: unknown) => void | Promise<void>;

const entries: Readonly<Record<string, () => Promise<ThreadEntry>>> = {
  file: async () => (await import('./file/second-thread.ts')).walkInThread,
  yara: async () => (await import('./yara/second-thread.ts')).scanInThread,
};

const { entry, data } = workerData as ThreadStart;
const load = entries[entry];
if (load === undefined) throw new Error(`no thread entry is called '${entry}': add it to thread-entries.ts`);
void load().then((run) => run(data));
