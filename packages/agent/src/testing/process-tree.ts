/** What runs on this machine, as the kernel tells it: proc(5). */
import { readdirSync, readFileSync } from 'node:fs';

export interface LiveProcess {
  readonly pid: number;
  readonly parent: number;
  /** The words of its command line, with a space between. */
  readonly words: string;
}

/** Whether the process is there, and is no zombie (proc_pid_stat(5)). */
export function isThere(pid: number): boolean {
  return look(pid) !== undefined;
}

/** The processes that `pid` started, and those that they started. */
export function descendants(pid: number): readonly LiveProcess[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (look(Number(name)) ?? []) : []));
  const below = (parent: number): LiveProcess[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

function look(pid: number): LiveProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim();
    return state === 'Z' ? undefined : { pid, parent: Number(parent), words };
  } catch {
    return undefined;
  }
}
