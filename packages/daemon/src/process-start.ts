/** What tells a process from another that gets its number later. */
import { readFileSync } from 'node:fs';

/**
 * When a process started: the machine's start, and ticks since then (proc_pid_stat(5), field 22). Linux alone tells.
 * Undefined for a process that has ended, also when nobody has waited for it yet (state Z).
 */
export function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}
