import { cpSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { startAgent, withFleetOfOne } from '../testing/fleet-of-one.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent();
});
afterAll(() => agent.remove());

const said = 'another agent may have the identity of this one, by a copy of the machine';

test('two agents with a copied identity say so, in the log and to who asks for the status', { timeout: 60_000 }, () =>
  withFleetOfOne(agent, async (fleet) => {
    const { configDirectory, stateDirectory } = fleet.places;
    const copy = [`${configDirectory}-copy`, `${stateDirectory}-copy`] as const;
    cpSync(configDirectory, copy[0], { recursive: true });
    const words = ['--config-dir', copy[0], '--state-dir', copy[1]];
    const first = fleet.start();
    await fleet.next('hello');
    const second = startAgent(agent, words);
    try {
      const agents = [
        { running: first, words: ['--config-dir', configDirectory, '--state-dir', stateDirectory] },
        { running: second, words },
      ];
      const heard = () => agents.find(({ running }) => running.output().includes(said));
      await expect.poll(heard, { timeout: 50_000 }).toBeDefined();
      const status = startAgent(agent, ['status', ...heard()!.words]);
      expect(await status.ended).toBe(0);
      expect(status.output()).toMatch(new RegExp(`^platform: .*${said}`, 'm'));
    } finally {
      second.child.kill('SIGKILL');
      await second.ended;
    }
  }),
);
