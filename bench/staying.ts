/**
 * What modules that stay cost an endpoint that nobody asks anything: CPU time and memory of the agent and of everything
 * that it has started, as /proc tells them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askStatus } from '../packages/agent/src/status/status-socket.ts';
import { withFleetOfOne } from '../packages/agent/src/testing/fleet-of-one.ts';

const directory = join(import.meta.dirname, '../packages/agent/dist');
const agent = { directory, script: join(directory, 'mig-agent.cjs'), remove: () => {} };

/** How long after the modules run, and for how long. Seconds. */
const settle = 20;
const watched = 60;

const configurations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no module that stays': {},
  examplepersist: { examplepersist: '' },
  'fswatch on /etc, /usr/bin, /usr/sbin': {
    fswatch: 'paths = ["recursive:/etc", "recursive:/usr/bin", "recursive:/usr/sbin"]',
  },
};

export async function benchStaying(): Promise<void> {
  process.stdout.write(`CPU over ${watched} s, memory at its end; the agent, its spare process and the modules\n`);
  for (const [title, files] of Object.entries(configurations)) await measure(title, files);
}

function measure(title: string, files: Readonly<Record<string, string>>): Promise<void> {
  return withFleetOfOne(agent, async (fleet) => {
    mkdirSync(fleet.places.modules, { recursive: true });
    for (const [name, toml] of Object.entries(files)) writeFileSync(join(fleet.places.modules, `${name}.toml`), toml);
    const { pid } = fleet.start();
    await fleet.next('hello');
    const problem = await whyNot(fleet.places.socket, Object.keys(files));
    if (problem !== undefined) {
      process.stdout.write(`${title}: not measured: ${problem}\n`);
      return;
    }
    await sleep(settle * 1000);
    const before = cpuMs(pid);
    await sleep(watched * 1000);
    const used = cpuMs(pid) - before;
    process.stdout.write(`${title}: ${((used / watched / 1000) * 100).toFixed(2)} % of a core\n`);
    for (const one of treeOf(pid)) {
      const { rss, pss } = memoryMb(one);
      process.stdout.write(`  ${nameOf(one).padEnd(40)} ${rss} MiB resident, ${pss} its share\n`);
    }
  });
}

/** Waits until all modules run; gives the reason when one does not. */
async function whyNot(socket: string, names: readonly string[]): Promise<string | undefined> {
  for (;;) {
    const { persistent } = await askStatus(socket);
    const wrong = persistent.find(({ state }) => !['starting', 'running', 'waiting'].includes(state));
    if (wrong !== undefined) return `${wrong.name} is ${wrong.state}: ${wrong.reason}`;
    if (names.every((name) => persistent.some((one) => one.name === name && one.state === 'running'))) return undefined;
    await sleep(100);
  }
}

function treeOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(text === '' ? [] : text.split(' ').flatMap((child) => treeOf(Number(child))))];
}

/** CPU time of the tree, from utime and stime of proc_pid_stat(5). */
function cpuMs(pid: number): number {
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const times = treeOf(pid).map((one) => {
    const stat = readFileSync(`/proc/${one}/stat`, 'latin1');
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return ((Number(utime) + Number(stime)) * 1000) / ticks;
  });
  return times.reduce((sum, one) => sum + one, 0);
}

function memoryMb(pid: number) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const of = (name: string) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024);
  return { rss: of('Rss'), pss: of('Pss') };
}

/** What a process is, by its words. */
function nameOf(pid: number): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const at = words.findIndex((word) => word === '-P' || word === '-m');
  if (words[0] === '/bin/sh') return 'guard';
  if (at < 0) return 'agent';
  return words[at + 1] === '-' ? 'spare process' : `module ${words[at + 1]}`;
}
