/** `npm run bench -- idle`: what an agent costs that has nothing to do: CPU time and resident memory of its processes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFleetOfOne } from '../packages/agent/src/testing/fleet-of-one.ts';

const directory = join(import.meta.dirname, '../packages/agent/dist');
const seconds = Number(process.env['IDLE_SECONDS'] ?? 60);

/** Measures the build in packages/agent/dist, and prints a line for each process. */
export function benchIdle(): Promise<void> {
  const built = { directory, script: join(directory, 'mig-agent.cjs'), remove: () => {} };
  return withFleetOfOne(built, async (fleet) => {
    const { pid } = fleet.start();
    await fleet.next('hello');
    const id = await fleet.ask([{ module: 'example', parameters: { gethostname: true } }]);
    await fleet.next('result', ({ commandid }) => commandid === id);
    await fleet.acknowledge(id);
    await sleep(10_000);
    const before = cpuMs(treeOf(pid));
    await sleep(seconds * 1000);
    const tree = treeOf(pid);
    const used = cpuMs(tree) - before;
    for (const one of tree) process.stdout.write(`${nameOf(one, pid)}: ${residentMb(one)} MB resident\n`);
    const total = tree.reduce((sum, one) => sum + residentMb(one), 0);
    process.stdout.write(
      `all: ${total} MB resident; ${used} ms of CPU in ${seconds} s, ${(used / seconds / 10).toFixed(2)} %\n`,
    );
  });
}

/** A process and those below it. */
function treeOf(pid: number): number[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = listed.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (of: number): number[] =>
    pairs.flatMap(([child, parent]) => (parent === of ? [child!, ...below(child!)] : []));
  return [pid, ...below(pid)];
}

/** User and system time of the processes so far (proc_pid_stat(5), fields 14 and 15; a tick is 10 ms). */
function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) * 10;
  }, 0);
}

function residentMb(pid: number): number {
  return Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096) / 1e6);
}

function nameOf(pid: number, agent: number): string {
  if (pid === agent) return 'agent';
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('/bin/sh') ? 'guard' : 'spare module process';
}
