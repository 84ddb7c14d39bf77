/**
 * Programs of the platform and of endpoints killed with SIGKILL, and a connection cut, each while it matters. Nothing
 * that was acknowledged is lost, nothing runs twice, every command ends in a final state. `npm run kill-rounds` does the
 * same at random moments, for longer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionInput } from '@mig/action';
import { createAction as launchAction } from '@mig/api';
import { openPlatform, type TestPlatform } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withCountedRuns } from '../../packages/agent/src/testing/counted-runs.ts';

let platform: TestPlatform;
let close = async () => {};
beforeAll(async () => {
  ({ platform, close } = await openPlatform());
});
afterAll(() => close());

const soon = (name: string): Partial<ActionInput> => ({ expiration: '2m', target: `name = '${name}'` });

/** What became of an action, once it has ended: by agent, its status and what was refused. */
async function outcome(id: string) {
  const { end } = await platform.follow(id);
  expect(end.status).toBe('finished');
  const commands = await platform.commands(id);
  return commands.map(({ agentname, status, refusals }) => [agentname, status, ...refusals.map(({ code }) => code)]);
}

test('the server, between launch and dispatch', () =>
  withCountedRuns(async (runs) => {
    const [here, away] = await Promise.all([platform.enrol('here'), platform.enrol('away')]);
    await here.start();
    const { id } = await platform.launch([runs.operation(0.1)], soon('away'));
    const envelope = await platform.sign([runs.operation(0.1)], soon('here'));
    // As soon as the launch is acknowledged: whether it was dispatched by then is for the kernel to decide.
    const launched = await platform.client.call(launchAction, { body: envelope });
    await platform.server.kill();
    await platform.startServer();
    expect((await platform.commands(id)).map(({ status }) => status)).toEqual(['pending']);
    await away.start();
    expect(await outcome(id)).toEqual([['away', 'success']]);
    expect(await outcome(launched.id)).toEqual([['here', 'success']]);
    expect(runs.count).toBe(2);
  }));

test('the server, while results come in', () =>
  withCountedRuns(async (runs) => {
    const agents = await Promise.all(['one', 'two', 'three'].map((name) => platform.enrol(name)));
    await Promise.all(agents.map((agent) => agent.start()));
    const ask = (seconds: number, name: string): Promise<{ id: string }> =>
      platform.launch([runs.operation(seconds)], soon(name));
    const asked = [await ask(0.2, 'one'), await ask(0.6, 'two'), await ask(1.2, 'three')];
    await platform.follow(asked[0]!.id);
    await platform.server.kill();
    await platform.startServer();
    for (const [i, { id }] of asked.entries()) {
      expect(await outcome(id)).toEqual([[agents[i]!.name, 'success']]);
    }
    expect(runs.count).toBe(3);
  }));

test('the agent, while a module runs', () =>
  withCountedRuns(async (runs) => {
    const agent = await platform.enrol('crash');
    await agent.start();
    const { id } = await platform.launch([runs.operation(60)], soon('crash'));
    await runs.begun(1);
    await agent.process.kill();
    await agent.start();
    expect(await outcome(id)).toEqual([['crash', 'failed', 'RUN_INTERRUPTED']]);
    expect(runs.count).toBe(1);
  }));

test('the agent, after the result is written and before it is acknowledged', () =>
  withCountedRuns(async (runs) => {
    const agent = await platform.enrol('late');
    await agent.start();
    const { id } = await platform.launch([runs.operation(0.5)], soon('late'));
    await runs.begun(1);
    agent.wire.cut();
    await agent.process.said(/command answered/);
    await agent.process.kill();
    expect((await platform.commands(id)).map(({ status }) => status)).toEqual(['sent']);
    agent.wire.mend();
    await agent.start();
    expect(await outcome(id)).toEqual([['late', 'success']]);
    expect(runs.count).toBe(1);
    expect(agent.journal().map(({ entry }) => entry)).toEqual(['started', 'finished']);
  }));

test('the connection to the broker, cut for ten seconds', () =>
  withCountedRuns(async (runs) => {
    const agent = await platform.enrol('wired');
    await agent.start();
    const first = await platform.launch([runs.operation(0.5)], soon('wired'));
    await runs.begun(1);
    agent.wire.cut();
    const second = await platform.launch([runs.operation(0.1)], soon('wired'));
    await sleep(10_000);
    agent.wire.mend();
    expect(await outcome(first.id)).toEqual([['wired', 'success']]);
    expect(await outcome(second.id)).toEqual([['wired', 'success']]);
    expect(runs.count).toBe(2);
  }));
