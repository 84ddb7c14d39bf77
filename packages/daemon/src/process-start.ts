/** What tells a process from another that gets its number later. */
import { readFileSync } from 'node:fs';

/** When a process started: the machine's start, and ticks since then (proc_pid_stat(5), field 22). Linux alone tells. */
export function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}
