/**
 * `npm run bench -- staying`: what modules that stay cost an endpoint that nobody asks anything: CPU time and memory of the agent and of everything
 * that it has started, as /proc tells them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askStatus } from '../packages/agent/src/status/status-socket.ts';
import { withFleetOfOne } from '../packages/agent/src/testing/fleet-of-one.ts';
import { processorMs, residentMb, roleOf, shareMb, treeOf } from './process-costs.ts';

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
    const before = processorMs(...treeOf(pid));
    await sleep(watched * 1000);
    const used = processorMs(...treeOf(pid)) - before;
    process.stdout.write(`${title}: ${((used / watched / 1000) * 100).toFixed(2)} % of a core\n`);
    for (const one of treeOf(pid)) {
      process.stdout.write(`  ${roleOf(one).padEnd(40)} ${residentMb(one)} MB resident, ${shareMb(one)} its share\n`);
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
