import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKey, signEnvelope } from '@mig/action';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import type { CountedRuns } from '../testing/counted-runs.ts';
import { type FleetOfOne, passphrase } from '../testing/fleet-of-one.ts';
import { withStartedAgent } from '../testing/with-started-agent.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent();
});
afterAll(() => agent.remove());

const withAgent = (use: Parameters<typeof withStartedAgent>[1]) => withStartedAgent(() => agent, use);

/** Expects the answer to a command: refused as a whole for `codes`, and nothing ran. */
async function expectRefused(
  fleet: FleetOfOne,
  runs: CountedRuns,
  commandId: string,
  codes: readonly string[],
  status = 'failed',
) {
  const result = await fleet.next('result', ({ commandid }) => commandid === commandId);
  expect(result).toMatchObject({ status, results: null });
  expect(result.refusals.map(({ operation, code }) => [operation, code])).toEqual(codes.map((code) => [null, code]));
  expect(runs.count).toBe(0);
}

describe('an agent runs nothing of an action', () => {
  test(
    'that somebody signed whose key is not on the endpoint',
    withAgent(async (fleet, runs) => {
      const mallory = await createKey({ name: 'Mallory', passphrase, now: new Date(Date.now() - 60_000) });
      const { id, envelope } = await fleet.sign([runs.operation(0.1)]);
      const unsigned = { ...envelope, signatures: [] };
      const signed = await signEnvelope(unsigned, { privateKey: mallory.privateKey, passphrase });
      await expectRefused(fleet, runs, await fleet.send({ id, envelope: signed }), ['KEY_UNKNOWN']);
      await expectRefused(fleet, runs, await fleet.send({ id, envelope: unsigned }), ['SIGNATURE_MISSING']);
    }),
  );

  test(
    'of another fleet, that has expired, or whose time has not come',
    withAgent(async (fleet, runs) => {
      const operations = [runs.operation(0.1)];
      const other = await fleet.ask(operations, { fleet: 'elsewhere' });
      await expectRefused(fleet, runs, other, ['ACTION_OTHER_FLEET']);
      const soon = await fleet.sign(operations, { expiration: '1ms' });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await expectRefused(fleet, runs, await fleet.send(soon), ['ACTION_EXPIRED'], 'expired');
      const both = await fleet.sign(operations, { expiration: '1ms', fleet: 'elsewhere' });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await expectRefused(fleet, runs, await fleet.send(both), ['ACTION_OTHER_FLEET', 'ACTION_EXPIRED']);
      const early = await fleet.ask(operations, { validfrom: new Date(Date.now() + 3_600_000).toISOString() });
      await expectRefused(fleet, runs, early, ['ACTION_NOT_YET_VALID']);
    }),
  );

  test(
    'that is not the one that the command names',
    withAgent(async (fleet, runs) => {
      const { envelope } = await fleet.sign([runs.operation(0.1)]);
      const { id } = await fleet.sign([runs.operation(0.1)]);
      await expectRefused(fleet, runs, await fleet.send({ id, envelope }), ['MESSAGE_MALFORMED']);
    }),
  );

  test(
    'when its keys or access list cannot be trusted, and says which file it is',
    withAgent(async (fleet, runs) => {
      const { keys, acl } = fleet.places;
      chmodSync(acl, 0o666);
      const first = await fleet.ask([runs.operation(0.1)]);
      await expectRefused(fleet, runs, first, ['POLICY_UNUSABLE']);
      const { refusals } = await fleet.next('result', ({ commandid }) => commandid === first);
      expect(refusals[0]!.message).toContain(`${acl} can be written to by everybody`);
      chmodSync(acl, 0o600);
      writeFileSync(join(keys, 'broken.asc'), 'no key');
      await expectRefused(fleet, runs, await fleet.ask([runs.operation(0.1)]), ['POLICY_UNUSABLE']);
      rmSync(join(keys, 'broken.asc'));
      await fleet.ask([runs.operation(0.1)]);
      await runs.begun(1);
    }),
  );
});

test(
  'an action runs once, whatever command brings it again',
  withAgent(async (fleet, runs) => {
    const signed = await fleet.sign([runs.operation(0.1)]);
    const first = await fleet.send(signed);
    const result = await fleet.next('result', ({ commandid }) => commandid === first);
    const again = await fleet.send(signed);
    const replay = await fleet.next('result', ({ commandid }) => commandid === again);
    expect(replay.refusals.map(({ code }) => code)).toEqual(['ACTION_REPLAYED']);

    await fleet.send(signed, first);
    await expect
      .poll(() => fleet.heard.filter(({ kind, message }) => kind === 'result' && message.commandid === first).length)
      .toBe(2);
    expect(fleet.heard.findLast(({ kind }) => kind === 'result')!.message).toEqual(result);

    await fleet.acknowledge(first);
    const third = await fleet.send(signed);
    await fleet.next('result', ({ commandid }) => commandid === third);
    expect(runs.count).toBe(1);
  }),
);

test(
  'two commands with one action at the same moment are one run',
  withAgent(async (fleet, runs) => {
    const signed = await fleet.sign([runs.operation(0.2)]);
    const ids = await Promise.all([1, 2, 3].map(() => fleet.send(signed)));
    const results = await Promise.all(ids.map((id) => fleet.next('result', ({ commandid }) => commandid === id)));
    expect(results.flatMap(({ refusals }) => refusals.map(({ code }) => code))).toEqual([
      'ACTION_REPLAYED',
      'ACTION_REPLAYED',
    ]);
    expect(runs.count).toBe(1);
  }),
);

test(
  'one operation that may not run, is not known or has wrong parameters disturbs no other',
  withAgent(async (fleet, runs) => {
    const investigators = { Dana: { fingerprint: fleet.investigator.fingerprint, weight: 1 } };
    const permissions = { default: { minimumweight: 1, investigators }, memory: { minimumweight: 2, investigators } };
    writeFileSync(fleet.places.acl, JSON.stringify(permissions));
    const id = await fleet.ask([
      { module: 'memory', parameters: { searches: {} } },
      { module: 'nosuch', parameters: {} },
      { module: 'file', parameters: { searches: 'all' } },
      runs.operation(0.1),
      { module: 'example', parameters: { gethostname: true } },
    ]);
    const { status, results, refusals } = await fleet.next('result', ({ commandid }) => commandid === id);
    expect([status, runs.count]).toEqual(['failed', 1]);
    expect(refusals.map(({ operation, code }) => [operation, code])).toEqual([
      [0, 'ACL_WEIGHT_TOO_LOW'],
      [1, 'MODULE_UNKNOWN'],
      [2, 'PARAMETERS_INVALID'],
    ]);
    expect(results!.map(({ success }) => success)).toEqual([false, false, false, results![3]!.success, true]);
    expect(results![0]!.errors![0]).toMatch(/^signatures weigh 1 for module 'memory', expected at least 2/);
  }),
);

test(
  'a key that the owner takes away is not accepted any more, without a restart',
  withAgent(async (fleet, runs) => {
    const first = await fleet.ask([{ module: 'example', parameters: { gethostname: true } }]);
    expect(await fleet.next('result', ({ commandid }) => commandid === first)).toMatchObject({ status: 'success' });
    rmSync(join(fleet.places.keys, 'dana.asc'));
    await expectRefused(fleet, runs, await fleet.ask([runs.operation(0.1)]), ['KEY_UNKNOWN']);
  }),
);
