import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { type CountedRuns, withCountedRuns } from '../testing/counted-runs.ts';
import { type FleetOfOne, withFleetOfOne } from '../testing/fleet-of-one.ts';

let agent: BuiltAgent;
let folder = '';
beforeAll(async () => {
  agent = await buildAgent();
  folder = mkdtempSync(join(tmpdir(), 'mig-commands-'));
});
afterAll(() => {
  agent.remove();
  rmSync(folder, { recursive: true });
});

const withAgent = (toml: string, use: (fleet: FleetOfOne, runs: CountedRuns) => Promise<void>) => () =>
  withCountedRuns((runs) =>
    withFleetOfOne(agent, async (fleet) => {
      fleet.configure(toml);
      fleet.start();
      await fleet.next('hello');
      await use(fleet, runs);
    }),
  );

const cancel = ({ platform, agentId }: FleetOfOne, commandid: string) =>
  platform.publish('cancel', agentId, {
    commandid,
    actionid: commandid,
    reason: 'no longer wanted',
    senttime: new Date().toISOString(),
  });

const resultOf = (fleet: FleetOfOne, id: string) => fleet.next('result', ({ commandid }) => commandid === id);

describe('a cancelled command', () => {
  test(
    'that runs is stopped, and its later operations are not begun',
    withAgent('', async (fleet, runs) => {
      const id = await fleet.ask([
        { module: 'example', parameters: { gethostname: true } },
        runs.operation(60),
        runs.operation(60),
      ]);
      await runs.begun(1);
      await cancel(fleet, id);
      const { status, results } = await resultOf(fleet, id);
      expect(status).toBe('cancelled');
      expect(results!.map(({ success, errors }) => [success, errors])).toEqual([
        [true, null],
        [false, ['cancelled: no longer wanted']],
        [false, ['cancelled: no longer wanted']],
      ]);
      expect(runs.count).toBe(1);
    }),
  );

  test(
    'that waits, or that comes after its cancellation, is not begun',
    withAgent('[limits]\nactions = 1\n', async (fleet, runs) => {
      const running = await fleet.ask([runs.operation(2)]);
      await runs.begun(1);
      const waiting = await fleet.ask([runs.operation(0.1)]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await cancel(fleet, waiting);
      expect(await resultOf(fleet, waiting)).toMatchObject({ status: 'cancelled', results: null });
      const late = '01909b4e-7d2a-7c3e-9a40-5b0f1a2b3c4d';
      await cancel(fleet, late);
      await fleet.send(await fleet.sign([runs.operation(0.1)]), late);
      expect(await resultOf(fleet, late)).toMatchObject({ status: 'cancelled', results: null });
      await resultOf(fleet, running);
      expect(runs.count).toBe(1);
    }),
  );
});

describe('the time of an action', () => {
  test(
    'that runs out while it waits ends it as expired',
    withAgent('[limits]\nactions = 1\n', async (fleet, runs) => {
      await fleet.ask([runs.operation(60)]);
      await runs.begun(1);
      const id = await fleet.ask([runs.operation(0.1)], { expiration: '1s' });
      const { status, results, refusals } = await resultOf(fleet, id);
      expect([status, results, refusals[0]!.code]).toEqual(['expired', null, 'ACTION_EXPIRED']);
      expect(runs.count).toBe(1);
    }),
  );

  test(
    'that runs out while it runs stops it',
    withAgent('', async (fleet, runs) => {
      const id = await fleet.ask([runs.operation(60), runs.operation(60)], { expiration: '2s' });
      const { status, results } = await resultOf(fleet, id);
      expect(status).toBe('timeout');
      expect(results!.map(({ errors }) => errors![0])).toEqual(
        Array(2).fill(expect.stringMatching(/^stopped: the action expired at /)),
      );
    }),
  );
});

test(
  'an operation that takes longer than it may is stopped, and the others run',
  withAgent('[limits]\ntimeout = "5s"\n', async (fleet, runs) => {
    const id = await fleet.ask([runs.operation(60), { module: 'example', parameters: { gethostname: true } }]);
    const { status, results } = await resultOf(fleet, id);
    expect(status).toBe('timeout');
    expect(results!.map(({ success, errors }) => [success, errors])).toEqual([
      [false, ['stopped after its time limit of 5000 ms']],
      [true, null],
    ]);
  }),
);

test(
  'no more actions run at once than the configuration says, and no more wait',
  withAgent('[limits]\nactions = 2\nqueued = 1\n', async (fleet, runs) => {
    const first = [await fleet.ask([runs.operation(2)]), await fleet.ask([runs.operation(2)])];
    await runs.begun(2);
    const waiting = await fleet.ask([runs.operation(0.1)]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const tooMany = await fleet.ask([runs.operation(0.1)]);
    expect(await resultOf(fleet, tooMany)).toMatchObject({
      status: 'failed',
      results: null,
      refusals: [{ code: 'AGENT_BUSY' }],
    });
    expect(runs.count).toBe(2);
    for (const id of [...first, waiting]) expect((await resultOf(fleet, id)).results).toHaveLength(1);
    expect(runs.count).toBe(3);
  }),
);

test(
  'results that are together larger than an answer may be become a clear failure, the largest first',
  withAgent('', async (fleet) => {
    const crowd = join(folder, 'crowd', 'x'.repeat(200));
    mkdirSync(crowd, { recursive: true });
    for (let i = 0; i < 25_000; i++) writeFileSync(join(crowd, `${String(i).padStart(5, '0')}-${'y'.repeat(190)}`), '');
    const search = (names: string) => ({
      module: 'file',
      parameters: {
        searches: { s1: { paths: [join(folder, 'crowd')], names: [names], options: { matchlimit: 100_000 } } },
      },
    });
    const id = await fleet.ask([search('^0'), search('^[01]'), search('^00000-')]);
    const { status, results } = await resultOf(fleet, id);
    expect(results!.map(({ success }) => success)).toEqual([true, false, true]);
    expect(results![1]!.errors![0]).toMatch(
      /^the result holds \d+ bytes, and an answer of all operations may hold 16777216: ask a narrower question$/,
    );
    expect(status).toBe('failed');
  }),
);

test(
  'privacy mode masks what was found and says how many errors there were, and not where',
  withAgent('privacy = true\n', async (fleet) => {
    writeFileSync(join(folder, 'secret-name'), '');
    const paths = [folder, join(folder, 'nobody-home')];
    const id = await fleet.ask([{ module: 'file', parameters: { searches: { s1: { paths, names: ['^secret'] } } } }]);
    const { results } = await resultOf(fleet, id);
    expect(results![0]).toMatchObject({
      success: true,
      foundanything: true,
      errors: ['1 soft error, withheld in privacy mode'],
    });
    const said = JSON.stringify(results![0]!.elements);
    expect(said).toContain('s1');
    expect(said).not.toMatch(/secret-name|mig-commands/);
  }),
);
