/** A module as a process whose memory is watched, for trees and parameters that mean it no good. */
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Result } from '@mig/module';
import { ended, start } from './processes.ts';

/** Most resident memory that a run may need, in MiB. */
export const mostMb = 250;

/** What a run answered, and its most resident memory in MiB (proc(5), VmHWM). */
export interface Measured {
  readonly result: Result;
  readonly peakMb: number;
}

/** Runs one search of the file module in a process of its own, as the user `uid` when one is given. */
export function measuredSearch(search: object, uid?: number): Promise<Measured> {
  return measuredRun('file', { searches: { s1: search } }, uid);
}

/** Runs a module in a process of its own, as the user `uid` when one is given. */
export async function measuredRun(module: string, parameters: object, uid?: number): Promise<Measured> {
  const child = start('mig-agent', ['-m', module], uid === undefined ? {} : { uid, gid: uid });
  const end = ended(child);
  let peakKb = 0;
  const timer = setInterval(() => {
    peakKb = Math.max(peakKb, peakOf(child.pid!));
  }, 5);
  child.stdin?.write(`${JSON.stringify({ class: 'parameters', parameters })}\n`);
  const { stdout } = await end;
  clearInterval(timer);
  return { result: JSON.parse(stdout) as Result, peakMb: peakKb / 1024 };
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0; // It ended.
  }
}

/** The paths of the files that a result names. */
export function filesIn({ elements }: Result): string[] {
  return (elements as { s1: { file: string }[] }).s1.map(({ file }) => file);
}

/** A file of `megabytes` that takes no room on disk, with a line `needle` at its end. */
export function makeSparse(path: string, megabytes: number): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, megabytes * 2 ** 20);
  writeSync(fd, '\nneedle\n', megabytes * 2 ** 20 - 8);
  closeSync(fd);
}

/** A gzip file `bomb` in `folder` that inflates to `times` 200 MB and a line `needle`. */
export function makeBomb(folder: string, times: number): void {
  const script =
    'head -c 200M /dev/zero | gzip > "$1/one"; for i in $(seq "$2"); do cat "$1/one"; done > "$1/bomb"; echo needle | gzip >> "$1/bomb"; rm "$1/one"';
  execFileSync('sh', ['-c', script, 'sh', folder, String(times)]);
}

/** `count` empty files `file-000000`, `file-000001` and so on in a new directory. */
export function makeMany(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  const program =
    'import os,sys\nfor i in range(int(sys.argv[2])): os.close(os.open(f"{sys.argv[1]}/file-{i:06}", os.O_CREAT))';
  execFileSync('python3', ['-c', program, folder, String(count)]);
}
