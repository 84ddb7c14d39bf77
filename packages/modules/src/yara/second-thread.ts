/** The second thread of a scan: it compiles the rules for itself, and takes files as the first one does. */
import { parentPort } from 'node:worker_threads';
import type { FoundFile } from '../found-files.ts';
import { compileRules } from './engine.ts';
import { scanShare } from './scan-share.ts';

/** What the thread is started with. */
export interface ThreadTask {
  readonly rules: string;
  readonly files: readonly FoundFile[];
  readonly shared: SharedArrayBuffer;
}

/** The thread entry `yara`. */
export async function scanInThread(data: unknown): Promise<void> {
  const { rules, files, shared } = data as ThreadTask;
  const share = await scanShare(compileRules(rules), files, new Int32Array(shared), () => undefined);
  parentPort!.postMessage(share);
}
