/** How much memory a process holds, for limits on it. */
import { readFileSync } from 'node:fs';

/** Resident memory of a process in MiB; 0 where the platform does not tell (see proc(5), statm). */
export function residentMemoryMb(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    return (pages * 4096) / 1048576;
  } catch {
    return 0;
  }
}
