import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWire } from '@mig/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { withCountedRuns } from '../testing/counted-runs.ts';
import { type FleetOfOne, withFleetOfOne } from '../testing/fleet-of-one.ts';
import { descendants, isThere } from '../testing/process-tree.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent();
});
afterAll(() => agent.remove());

const whoAreYou = { module: 'example', parameters: { gethostname: true } };

/** Processes below `pid`, by their numbers. */
const childrenOf = (pid: number) => descendants(pid).map((one) => one.pid);

const alive = (pids: readonly number[]) => pids.filter(isThere);

const resultsOf = (fleet: FleetOfOne, id: string) =>
  fleet.heard
    .filter(({ kind, message }) => kind === 'result' && message.commandid === id)
    .map(({ message }) => message);

describe('an agent that is killed', () => {
  test('while a module runs reports the run as failed, does not repeat it, and leaves no process', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        const first = fleet.start();
        await fleet.next('hello');
        const signed = await fleet.sign([runs.operation(60)]);
        const id = await fleet.send(signed);
        await runs.begun(1);
        const children = childrenOf(first.pid);
        expect(children.length).toBeGreaterThan(0);
        first.child.kill('SIGKILL');
        expect(await first.ended).toBe('SIGKILL');
        await expect.poll(() => alive(children), { timeout: 5000 }).toEqual([]);

        fleet.start();
        const result = await fleet.next('result', ({ commandid }) => commandid === id);
        expect(result).toMatchObject({ status: 'failed', results: null, refusals: [{ code: 'RUN_INTERRUPTED' }] });
        expect(fleet.heard.findLast(({ kind }) => kind === 'hello')!.message).toMatchObject({ held: [id] });
        await fleet.send(signed, id);
        await expect.poll(() => resultsOf(fleet, id).length).toBeGreaterThan(1);
        await fleet.acknowledge(id);
        await expect.poll(() => readdirSync(fleet.places.spool)).toEqual([]);
        const again = await fleet.send(signed);
        expect((await fleet.next('result', ({ commandid }) => commandid === again)).refusals[0]!.code).toBe(
          'ACTION_REPLAYED',
        );
        expect(runs.count).toBe(1);
      }),
    ));

  test('after it has written the result and before that is acknowledged sends the same again, and runs nothing', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        const first = fleet.start();
        await fleet.next('hello');
        const id = await fleet.ask([runs.operation(0.1)]);
        const result = await fleet.next('result');
        first.child.kill('SIGKILL');
        await first.ended;

        fleet.start();
        await expect.poll(() => resultsOf(fleet, id).length, { timeout: 10_000 }).toBe(2);
        expect(resultsOf(fleet, id)).toEqual([result, result]);
        expect(runs.count).toBe(1);
        await fleet.acknowledge(id);
        await expect.poll(() => readdirSync(fleet.places.spool)).toEqual([]);
      }),
    ));

  test('with commands in its queue takes them when they are sent again, since they never ran', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        fleet.configure('[limits]\nactions = 1\n');
        const first = fleet.start();
        await fleet.next('hello');
        await fleet.ask([runs.operation(60)]);
        await runs.begun(1);
        const waiting = await fleet.sign([runs.operation(0.1)]);
        const id = await fleet.send(waiting);
        await new Promise((resolve) => setTimeout(resolve, 300));
        first.child.kill('SIGKILL');
        await first.ended;

        fleet.start();
        await expect.poll(() => fleet.heard.filter(({ kind }) => kind === 'hello').length).toBe(2);
        expect(fleet.heard.findLast(({ kind }) => kind === 'hello')!.message).not.toMatchObject({
          held: expect.arrayContaining([id]),
        });
        await fleet.send(waiting, id);
        await runs.begun(2);
        expect((await fleet.next('result', ({ commandid }) => commandid === id)).results).toHaveLength(1);
      }),
    ));
});

test('a connection that is cut for ten seconds loses no result, and nothing runs twice', () =>
  withCountedRuns((runs) =>
    withFleetOfOne(agent, async (fleet) => {
      const wire = await startWire(fleet.relay.broker.port);
      fleet.configure(`[relay]\nurls = ["mqtts://127.0.0.1:${wire.port}"]\n`);
      fleet.start();
      await fleet.next('hello');
      const id = await fleet.ask([runs.operation(1)]);
      await runs.begun(1);
      wire.cut();
      await fleet.next('presence', ({ online }) => !online);
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      expect(resultsOf(fleet, id)).toEqual([]);
      wire.mend();
      const result = await fleet.next('result', ({ commandid }) => commandid === id);
      expect(result.results).toHaveLength(1);
      expect(fleet.heard.findLast(({ kind }) => kind === 'hello')!.message).toMatchObject({ held: [id] });
      expect(runs.count).toBe(1);
      await wire.close();
    }),
  ));

describe('where the disk does not do its part', () => {
  test('nothing runs while the journal cannot be written', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        fleet.start();
        await fleet.next('hello');
        // Every later write of the agent's process fails, as on a full disk: its files may not grow (setrlimit(2)).
        const [journal] = readdirSync(fleet.places.journal).filter((name) => name.startsWith('actions'));
        expect(journal).toBeDefined();
        const pid = Number(JSON.parse(readFileSync(lockFile(fleet), 'utf8')).pid);
        execFileSync('prlimit', ['--fsize=0:', '--pid', String(pid)]);
        const id = await fleet.ask([runs.operation(0.1)]);
        const result = await fleet.next('result', ({ commandid }) => commandid === id);
        expect(result).toMatchObject({ status: 'failed', results: null, refusals: [{ code: 'JOURNAL_UNWRITABLE' }] });
        expect(runs.count).toBe(0);
        const refused = await fleet.ask([runs.operation(0.1)], { fleet: 'elsewhere' });
        await fleet.next('result', ({ commandid }) => commandid === refused);
        const status = fleet.start(['status']);
        await status.ended;
        expect(status.output()).toMatch(/^problem: +entries that could not be written to the journal: 2$/m);
        expect(status.output()).toMatch(/^commands: .* 2 to be acknowledged$/m);

        // With room again, everything is as before; what was cut short is not in the journal.
        execFileSync('prlimit', ['--fsize=unlimited:', '--pid', String(pid)]);
        await fleet.ask([runs.operation(0.1)], { name: 'after that' });
        await runs.begun(1);
        await fleet.next('result', ({ results }) => results !== null);
        const listing = fleet.start(['journal', '--json']);
        await listing.ended;
        const records = listing
          .output()
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(records).toMatchObject([{ asked: { name: 'after that' } }]);
      }),
    ));

  test('a spool that is full makes the agent leave commands to the platform, and ask for them when there is room', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        fleet.configure('[spool]\nsizemb = 32\n');
        mkdirSync(fleet.places.spool, { recursive: true });
        const old = '01909b4e-7d2a-7c3e-9a40-5b0f1a2b3c4d';
        const filler = 'x'.repeat(10 * 1024 * 1024);
        const results = [{ foundanything: true, success: true, elements: filler, statistics: null, errors: null }];
        const time = new Date().toISOString();
        const ids = [1, 2, 3].map((i) => `${old.slice(0, -1)}${i}`);
        for (const commandid of ids) {
          const message = {
            commandid,
            actionid: old,
            status: 'success',
            results,
            refusals: [],
            starttime: time,
            finishtime: time,
          };
          writeFileSync(join(fleet.places.spool, `${commandid}.json`), JSON.stringify(message));
        }
        fleet.start();
        await fleet.next('result', ({ commandid }) => commandid === ids[2]);
        const signed = await fleet.sign([runs.operation(0.1)]);
        const id = await fleet.send(signed);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect([runs.count, resultsOf(fleet, id)]).toEqual([0, []]);

        await fleet.acknowledge(ids[0]!);
        await expect.poll(() => fleet.heard.filter(({ kind }) => kind === 'hello').length).toBe(2);
        await fleet.send(signed, id);
        await fleet.next('result', ({ commandid }) => commandid === id);
        expect(runs.count).toBe(1);
      }),
    ));

  test('a damaged result in the spool does not keep the agent from its work', () =>
    withFleetOfOne(agent, async (fleet) => {
      mkdirSync(fleet.places.spool, { recursive: true });
      writeFileSync(join(fleet.places.spool, '01909b4e-7d2a-7c3e-9a40-5b0f1a2b3c4d.json'), '{"commandid":');
      writeFileSync(join(fleet.places.spool, '01909b4e-7d2a-7c3e-9a40-5b0f1a2b3c4e.json.new'), 'half');
      fleet.start();
      await fleet.next('hello');
      const id = await fleet.ask([whoAreYou]);
      expect(await fleet.next('result', ({ commandid }) => commandid === id)).toMatchObject({ status: 'success' });
      expect(readdirSync(fleet.places.spool)).toEqual([`${id}.json`]);
    }));
});

function lockFile({ places }: FleetOfOne): string {
  return join(places.stateDirectory, readdirSync(places.stateDirectory).find((name) => name.startsWith('lock.'))!);
}
