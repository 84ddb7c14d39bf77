/**
 * The processes that carry the question itself: the module's own, and the programs of ours that started it. Their
 * memory holds every pattern and byte string that is searched for, so that it is not read.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Gives `pid` and the parents of it, as far as they run the same executable. `root` is /proc. */
export function ownProcesses(root: string, pid: number): ReadonlySet<number> {
  const own = new Set([pid]);
  const executable = executableOf(root, pid);
  if (executable === undefined) return own;
  for (let parent = parentOf(root, pid); parent > 1 && !own.has(parent); parent = parentOf(root, parent)) {
    if (executableOf(root, parent) !== executable) break;
    own.add(parent);
  }
  return own;
}

function executableOf(root: string, pid: number): string | undefined {
  try {
    return readlinkSync(join(root, String(pid), 'exe'));
  } catch {
    return undefined;
  }
}

/** The parent's identifier; 0 when it cannot be told. See proc(5), /proc/PID/stat: it follows the state. */
function parentOf(root: string, pid: number): number {
  try {
    const stat = readFileSync(join(root, String(pid), 'stat'), 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
