/** What processes cost this machine, as proc(5) tells it: processor time and memory, of one and of all that it started. Linux. */
import { readFileSync } from 'node:fs';
import { descendants } from '../packages/agent/src/testing/process-tree.ts';

/** A tick of proc_pid_stat(5), in milliseconds: for programs there are always 100 a second. */
const tickMs = 10;
const pageBytes = 4096;

/** A process, and those below it. */
export function treeOf(pid: number): readonly number[] {
  return [pid, ...descendants(pid).map((one) => one.pid)];
}

/** User and system time of the processes so far, in milliseconds. */
export function processorMs(...pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) * tickMs;
  }, 0);
}

/** Its resident memory, pages that it shares with others included. */
export function residentMb(pid: number): number {
  return Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * pageBytes) / 1e6);
}

/** Its part of the memory: what several processes share is divided among them. */
export function shareMb(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
  return Math.round((Number(kilobytes) * 1024) / 1e6);
}

/** What a process of an agent is there for, by the words that it was started with. */
export function roleOf(pid: number): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  if (words[0] === '/bin/sh') return 'guard';
  const at = words.findIndex((word) => word === '-P' || word === '-m');
  if (at < 0) return 'agent';
  return words[at + 1] === '-' ? 'spare module process' : `module ${words[at + 1]}`;
}
