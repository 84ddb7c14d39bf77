/** No process outlives an agent that is killed with SIGKILL, be it stopped, busy or blocked just then. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { withFleetOfOne } from '../testing/fleet-of-one.ts';
import { descendants, isThere, type LiveProcess } from '../testing/process-tree.ts';
import { StayingEndpoint } from '../testing/staying-endpoint.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent(join(import.meta.dirname, '../testing/staying-modules.ts'));
});
afterAll(() => agent.remove());

/** No module is killed by the agent while a test looks. */
const patient = '[modules]\nping = "1h"\n[limits]\nactions = 8\n';

const withHangingModules = (use: (endpoint: StayingEndpoint, left: readonly LiveProcess[]) => Promise<void>) => () =>
  withFleetOfOne(agent, async (fleet) => {
    const endpoint = new StayingEndpoint(fleet, { first: '', second: '', taker: '' }, patient);
    const stopped = await endpoint.runs('first');
    await endpoint.runs('second');
    await endpoint.runs('taker');
    await fleet.next('hello');
    process.kill(stopped.pid!, 'SIGSTOP');
    void endpoint.askHere('second', { does: 'hang' });
    void endpoint.askHere('taker', { does: 'block' });
    for (const does of ['hang', 'breed']) await fleet.ask([{ module: 'rogue', parameters: { does } }]);
    const running = () => descendants(endpoint.process.pid);
    // Three that stay, two that were asked, what one of them started, and one that waits to be asked.
    const isComplete = () => {
      const words = running().map((one) => one.words);
      const modules = words.filter((text) => text.includes(agent.script));
      const said = endpoint.process.output();
      return (
        modules.length === 6 && words.includes('sleep 1000') && said.includes('it hangs') && said.includes('it blocks')
      );
    };
    await expect.poll(isComplete, { timeout: 20_000 }).toBe(true);
    const left = running();
    try {
      await use(endpoint, left);
    } finally {
      for (const { pid } of left.filter((one) => isThere(one.pid))) process.kill(pid, 'SIGKILL');
    }
  });

const isGuard = ({ words }: LiveProcess) => words.startsWith('/bin/sh -c trap');
const thoseLeft = (processes: readonly LiveProcess[]) => processes.filter(({ pid }) => isThere(pid));

test(
  'all that it started has ended soon afterwards, whatever it was doing',
  withHangingModules(async (endpoint, left) => {
    endpoint.process.child.kill('SIGKILL');
    await endpoint.process.ended;
    await expect.poll(() => thoseLeft(left), { timeout: 20_000 }).toEqual([]);
  }),
);

test(
  'a guard that is killed is replaced, and the new one knows of everything',
  withHangingModules(async (endpoint, left) => {
    const guard = left.find(isGuard)!;
    process.kill(guard.pid, 'SIGKILL');
    const next = () => descendants(endpoint.process.pid).find(isGuard);
    await expect.poll(() => next()?.pid ?? guard.pid, { timeout: 10_000 }).not.toBe(guard.pid);
    const replaced = next()!;
    endpoint.process.child.kill('SIGKILL');
    await endpoint.process.ended;
    await expect.poll(() => thoseLeft([...left, replaced]), { timeout: 20_000 }).toEqual([]);
  }),
);

test(
  'what its guard could not end, since that was killed too, the next agent ends',
  withHangingModules(async (endpoint, left) => {
    for (const { pid } of [left.find(isGuard)!, endpoint.process]) process.kill(pid, 'SIGKILL');
    await endpoint.process.ended;
    const staying = left.filter(({ words }) => words.includes(' -P '));
    expect(thoseLeft(staying)).toEqual(staying);
    endpoint.process = endpoint.fleet.start();
    await endpoint.runs('first');
    await expect.poll(() => thoseLeft(staying), { timeout: 10_000 }).toEqual([]);
  }),
);
