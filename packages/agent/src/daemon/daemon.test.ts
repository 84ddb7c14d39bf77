import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { type FleetOfOne, withFleetOfOne } from '../testing/fleet-of-one.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent();
});
afterAll(() => agent.remove());

const withFleet = (use: (fleet: FleetOfOne) => Promise<void>) => () => withFleetOfOne(agent, use);
const whoAreYou = { module: 'example', parameters: { gethostname: true } };

describe('an enrolled agent', () => {
  test(
    'says hello, takes a command, checks it, runs it, answers, and forgets the answer when it is acknowledged',
    withFleet(async (fleet) => {
      fleet.start();
      const hello = await fleet.next('hello');
      expect(hello.agent).toMatchObject({ name: hostname(), mode: 'daemon', environment: { os: 'linux' } });
      expect(hello.held).toEqual([]);

      const commandId = await fleet.ask([whoAreYou]);
      const result = await fleet.next('result');
      expect(result).toMatchObject({
        commandid: commandId,
        status: 'success',
        results: [{ foundanything: true, success: true, elements: { hostname: hostname() }, errors: null }],
        refusals: [],
      });
      expect(readdirSync(fleet.places.spool)).toEqual([`${commandId}.json`]);

      await fleet.acknowledge(commandId);
      await expect.poll(() => readdirSync(fleet.places.spool)).toEqual([]);
    }),
  );
});
