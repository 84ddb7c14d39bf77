/** `npm run bench -- idle`: what an agent costs that has nothing to do, over IDLE_SECONDS: CPU time and resident memory of its processes. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFleetOfOne } from '../packages/agent/src/testing/fleet-of-one.ts';
import { processorMs, residentMb, roleOf, treeOf } from './process-costs.ts';

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
    const before = processorMs(...treeOf(pid));
    await sleep(seconds * 1000);
    const tree = treeOf(pid);
    const used = processorMs(...tree) - before;
    for (const one of tree) process.stdout.write(`${roleOf(one)}: ${residentMb(one)} MB resident\n`);
    const total = tree.reduce((sum, one) => sum + residentMb(one), 0);
    process.stdout.write(
      `all: ${total} MB resident; ${used} ms of CPU in ${seconds} s, ${(used / seconds / 10).toFixed(2)} %\n`,
    );
  });
}
