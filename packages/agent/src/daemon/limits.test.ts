import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { type FleetOfOne, withFleetOfOne } from '../testing/fleet-of-one.ts';
import { descendants } from '../testing/process-tree.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent(join(import.meta.dirname, '../testing/rogue-modules.ts'));
});
afterAll(() => agent.remove());

const rogue = (does: string) => ({ module: 'rogue', parameters: { does } });
const whoAreYou = { module: 'example', parameters: { gethostname: true } };

const withAgent = (toml: string, use: (fleet: FleetOfOne, pid: number) => Promise<void>) => () =>
  withFleetOfOne(agent, async (fleet) => {
    fleet.configure(toml);
    const { pid } = fleet.start();
    await fleet.next('hello');
    await use(fleet, pid);
  });

/** Processes that run a module under any agent of this build, spares left out: their command lines name it. */
function moduleProcesses(pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      return words.includes(agent.script) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return false;
    }
  });
}

describe('a module process', () => {
  test.each([
    [
      'that does not stop at its time limit is killed',
      'hang',
      '[limits]\ntimeout = "5s"\n',
      'timeout',
      /^stopped after its time limit of 5000 ms/,
    ],
    ['that floods its output is killed', 'flood', '', 'failed', /it wrote more than \d+ bytes and was killed/],
    [
      'that eats memory is killed',
      'eat',
      '[limits]\nmemorymb = 200\n',
      'failed',
      /it used \d+ MiB of memory, more than its 200, and was killed/,
    ],
    ['that dies is answered for', 'die', '', 'failed', /its process ended without a result \(killed by SIGKILL\)/],
  ])('%s, and the next operation runs', (_what, does, toml, status, error) =>
    withAgent(toml, async (fleet) => {
      const id = await fleet.ask([rogue(does), whoAreYou]);
      const result = await fleet.next('result', ({ commandid }) => commandid === id);
      expect(result.status).toBe(status);
      expect(result.results!.map(({ success }) => success)).toEqual([false, true]);
      expect(result.results![0]!.errors![0]).toMatch(error);
    })(),
  );

  test(
    'that hangs is cancelled all the same',
    withAgent('', async (fleet) => {
      const id = await fleet.ask([rogue('hang')]);
      await expect.poll(() => runningIn(fleet)).toEqual(['rogue']);
      await fleet.platform.publish('cancel', fleet.agentId, {
        commandid: id,
        actionid: id,
        reason: 'enough',
        senttime: new Date().toISOString(),
      });
      expect(await fleet.next('result')).toMatchObject({
        status: 'cancelled',
        results: [{ errors: ['cancelled: enough'] }],
      });
    }),
  );

  test('that hangs is ended by the next agent, where the guard was killed with the one before', () =>
    withFleetOfOne(agent, async (fleet) => {
      const first = fleet.start();
      await fleet.next('hello');
      const id = await fleet.ask([rogue('hang')]);
      const noted = () => readNotes(fleet);
      await expect.poll(noted).toHaveLength(1);
      const [pid] = noted();
      for (const pid of [guardOf(first.pid), first.pid]) process.kill(pid, 'SIGKILL');
      await first.ended;
      expect(moduleProcesses([pid!])).toEqual([pid]);
      const second = fleet.start();
      await fleet.next('result', ({ commandid }) => commandid === id);
      await expect.poll(() => moduleProcesses([pid!])).toEqual([]);
      expect(second.output()).toContain('module processes of a killed agent ended');
      expect(noted()).toEqual([]);
    }));
});

const guardOf = (pid: number) => descendants(pid).find(({ words }) => words.startsWith('/bin/sh -c trap'))!.pid;

async function runningIn(fleet: FleetOfOne): Promise<(string | null)[]> {
  const status = fleet.start(['status', '--json']);
  await status.ended;
  const { running } = JSON.parse(status.output()) as { readonly running: { readonly module: string | null }[] };
  return running.map(({ module }) => module);
}

/** The processes that the agent has noted. */
function readNotes({ places }: FleetOfOne): number[] {
  return readdirSync(places.runs)
    .filter((name) => name.endsWith('.pid'))
    .map((name) => (JSON.parse(readFileSync(join(places.runs, name), 'utf8')) as { readonly pid: number }).pid);
}
