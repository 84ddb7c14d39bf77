import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Status } from '../status/status.ts';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { withFleetOfOne } from '../testing/fleet-of-one.ts';
import { isThere } from '../testing/process-tree.ts';
import { StayingEndpoint } from '../testing/staying-endpoint.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent(join(import.meta.dirname, '../testing/staying-modules.ts'));
});
afterAll(() => agent.remove());

/** Bounds that a test need not wait long for. */
const hasty = `[modules]\nping = "300ms"\ndeadline = "8s"\npause = "50ms"\ntries = 3\nmemorymb = 200\n`;

const withModules = (
  files: Readonly<Record<string, string>>,
  use: (endpoint: StayingEndpoint) => Promise<void>,
  settings = hasty,
) => withFleetOfOne(agent, (fleet) => use(new StayingEndpoint(fleet, files, settings)));

describe('a module that stays', () => {
  test('runs where its file is, is asked by actions and by hand, and keeps what it knows between questions', () =>
    withModules({ first: 'note = "hello"' }, async (endpoint) => {
      const { pid } = await endpoint.runs('first');
      expect((await endpoint.ask('first')).elements).toMatchObject({ pid, note: 'hello' });
      expect((await endpoint.ask('first')).statistics.asked).toBe(2);
      const { stateDirectory, socketOf } = endpoint.fleet.places;
      const words = [agent.script, '-m', 'first', '-state-dir', stateDirectory];
      const byHand = execFileSync(process.execPath, words, { input: '{"class":"parameters","parameters":{}}\n' });
      expect(JSON.parse(byHand.toString())).toMatchObject({
        success: true,
        elements: { pid },
        statistics: { asked: 3 },
      });
      expect(statSync(socketOf('first')).mode & 0o777).toBe(0o600);
      expect(statSync(endpoint.fleet.places.instances).mode & 0o777).toBe(0o700);
      const refused = await endpoint.ask('second');
      expect(refused.errors![0]).toMatch(
        /^module second does not run here: it is not switched on, there is no modules\/second/,
      );
    }));

  test('may write to nothing but its socket and its state directory, unless it needs to', () =>
    withModules({ first: '' }, async (endpoint) => {
      await endpoint.runs('first');
      rmSync('/tmp/mig-first-wrote', { force: true });
      expect((await endpoint.ask('first', { does: 'write' })).errors![0]).toMatch(/restricted|permission/i);
      expect(existsSync('/tmp/mig-first-wrote')).toBe(false);
    }));

  test('finds in its state directory what an instance before kept there; nobody else can look into it', () =>
    withModules({ first: '', second: '' }, async (endpoint) => {
      const before = await endpoint.runs('first');
      expect((await endpoint.ask('first', { does: 'keep' })).success).toBe(true);
      process.kill(before.pid!, 'SIGKILL');
      await endpoint.until('first', ({ state, restarts }) => state === 'running' && restarts === 1);
      expect((await endpoint.ask('first')).elements.note).toBe(`kept by ${before.pid}`);
      await endpoint.runs('second');
      expect((await endpoint.ask('second')).elements.note).toBe('');
      expect(statSync(endpoint.fleet.places.stateOf('first')).mode & 0o777).toBe(0o700);
    }));

  test('whose state directory cannot be made is given up, with the reason', () =>
    withModules({ first: '' }, async (endpoint) => {
      await endpoint.runs('first');
      const { places } = endpoint.fleet;
      rmSync(dirname(places.stateOf('first')), { recursive: true });
      writeFileSync(dirname(places.stateOf('first')), 'in the way');
      process.kill((await endpoint.module('first'))!.pid!, 'SIGKILL');
      const { reason } = await endpoint.until('first', ({ state }) => state === 'failed');
      expect(reason).toMatch(/^given up after 3 tries in a row: its state directory cannot be made: E\w+: .*modules/);
    }));

  test('that is killed, hangs, grows, floods or crashes is ended and started again; the others go on', () =>
    withModules(
      { first: '', second: '' },
      async (endpoint) => {
        const hung = /^it did not answer a ping within 8s, and was killed$/;
        const misdeeds: readonly (readonly [deed: string | NodeJS.Signals, reason: RegExp])[] = [
          ['SIGKILL', /^killed by SIGKILL/],
          ['SIGSTOP', hung],
          ['hang', hung],
          ['eat', /^it used \d+ MiB of memory, more than its 200, and was killed$/],
          ['flood', /^it (wrote 100 lines that are no messages|used \d+ MiB of memory.*), and was killed$/],
          ['babble', /^it wrote 100 lines that are no messages, and was killed$/],
          ['crash', /^exit status 1: it crashed: .*getTime/],
        ];
        const two = await endpoint.runs('second');
        await endpoint.fleet.next('hello');
        for (const [i, [deed, reason]] of misdeeds.entries()) {
          const before = await endpoint.runs('first');
          if (deed.startsWith('SIG')) process.kill(before.pid!, deed as NodeJS.Signals);
          else await endpoint.fleet.ask([{ module: 'first', parameters: { does: deed, count: 100 } }]);
          const after = await endpoint.until('first', ({ state, restarts }) => state === 'running' && restarts > i);
          expect(after.reason).toMatch(reason);
          expect(isThere(before.pid!)).toBe(false);
          expect((await endpoint.ask('first')).elements.pid).toBe(after.pid);
        }
        expect(await endpoint.module('second')).toEqual(two);
      },
      hasty.replace('tries = 3', 'tries = 100\nsettled = "10ms"'),
    ));

  test('that fails at once is given up after its tries, and says so in status and to the platform', () =>
    withModules({ first: 'start = "crash"', second: '' }, async (endpoint) => {
      const given = await endpoint.until('first', ({ state }) => state === 'failed');
      const reason = 'given up after 3 tries in a row: exit status 1: it crashed at its start';
      expect(given).toMatchObject({ reason, pid: null, restarts: 2 });
      const { agent: told } = await endpoint.fleet.next('heartbeat', ({ agent: about }) => {
        const states = (about?.environment.persistent ?? []).map(({ state }) => state);
        return states.includes('failed') && states.includes('running');
      });
      expect(told!.environment.persistent).toMatchObject([
        { name: 'first', state: 'failed', reason },
        { name: 'second', state: 'running' },
      ]);
      expect((await endpoint.ask('first')).errors).toEqual([`module first does not run now: failed (${reason})`]);
      const status = endpoint.fleet.start(['status']);
      await status.ended;
      expect(status.output()).toMatch(/^first: +failed since \S+; started again 2 times; given up after 3 tries/m);
      expect(status.output()).toMatch(/^second: +running since \S+; process \d+$/m);
    }));

  test('that cannot work here is not started again', () =>
    withModules({ first: 'start = "unavailable"' }, async (endpoint) => {
      const module = await endpoint.until('first', ({ state }) => state === 'unavailable');
      expect(module).toMatchObject({ reason: 'there is nothing to stay for here', restarts: 0, pid: null });
    }));

  test('that does not start in time is ended', () =>
    withModules(
      { first: 'start = "never"' },
      async (endpoint) => {
        const { reason } = await endpoint.until('first', ({ restarts }) => restarts === 1);
        expect(reason).toBe('it did not start within 1s, and was killed');
      },
      `${hasty}start = "1s"\n`,
    ));

  test('that ended is not asked until it runs again, and the answer says why', () =>
    withModules(
      { first: '' },
      async (endpoint) => {
        const { pid } = await endpoint.runs('first');
        process.kill(pid!, 'SIGKILL');
        await endpoint.until('first', ({ state }) => state === 'waiting');
        expect((await endpoint.ask('first')).errors![0]).toMatch(
          /^module first does not run now: it ended, and is started again in a moment \(killed by SIGKILL/,
        );
      },
      hasty.replace('pause = "50ms"', 'pause = "60s"'),
    ));

  test('that ends while it is asked leaves a clear answer', () =>
    withModules({ first: '' }, async (endpoint) => {
      const { pid } = await endpoint.runs('first');
      await endpoint.fleet.next('hello');
      const asking = endpoint.ask('first', { does: 'wait' });
      await expect.poll(() => endpoint.process.output()).toContain('"text":"it waits"');
      process.kill(pid!, 'SIGKILL');
      expect((await asking).errors).toEqual(['module first ended before it answered: ask again in a moment']);
    }));

  test('has so many lines a second in the log, and the rest counted', () =>
    withModules({ first: '' }, async (endpoint) => {
      await endpoint.runs('first');
      await endpoint.ask('first', { does: 'chatter', count: 1_000 });
      const { pid } = (await endpoint.ask('first')).elements;
      process.kill(pid, 'SIGKILL');
      await endpoint.until('first', ({ restarts }) => restarts === 1);
      const lines = endpoint.process.output().split('\n');
      const said = lines.filter((line) => /"text":"line \d+"/.test(line)).length;
      const left = lines.flatMap((line) => (/"lines":(\d+),"msg":"module says too much/.exec(line) ?? []).slice(1));
      expect(said).toBeLessThan(100);
      expect(said + left.reduce((sum, count) => sum + Number(count), 0)).toBe(1_000);
    }));
});

describe('configuration', () => {
  test('that is wrong is one clear error in log, status and what the platform is told, and disturbs no other module', () =>
    withModules({ first: 'strat = "well"', second: '' }, async (endpoint) => {
      const { pid } = await endpoint.runs('second');
      const tryNext = (toml: string) => {
        endpoint.write('first', toml);
        endpoint.process.child.kill('SIGHUP');
      };
      for (const [toml, problem] of [
        ['strat = "well"', /first\.toml, line 1: unknown key 'strat'/],
        ['\nstart = "badly"', /first\.toml, line 2: 'start': .*got "badly"/],
        ['start = ', /first\.toml, line 1: expected TOML/],
        ['enabled = "yes"', /first\.toml, line 1: 'enabled': .*got "yes"/],
      ] as const) {
        if (!toml.startsWith('strat')) tryNext(toml);
        const module = await endpoint.until('first', ({ reason }) => problem.test(reason ?? ''));
        expect(module).toMatchObject({ state: 'misconfigured', pid: null });
        const lines = endpoint.process.output().trim().split('\n');
        expect(lines.filter((line) => problem.test(JSON.parse(line).problem))).toHaveLength(1);
        // In a hello where it was known before the agent connected, in a heartbeat later.
        const isTold = () =>
          endpoint.fleet.heard.some((received) => {
            if (received.kind !== 'hello' && received.kind !== 'heartbeat') return false;
            const told = received.message.agent?.environment.persistent?.find(({ name }) => name === 'first');
            return told?.state === 'misconfigured' && told.reason === module.reason;
          });
        await expect.poll(isTold, { timeout: 30_000 }).toBe(true);
      }
      expect(await endpoint.module('second')).toMatchObject({ state: 'running', pid, restarts: 0 });
    }));

  test('of a module that there is not, or that does not stay, is said', () =>
    withModules({ nosuch: '', example: '' }, async (endpoint) => {
      const { reason } = await endpoint.until('nosuch', () => true);
      expect(reason).toMatch(
        /nosuch\.toml: no module is called 'nosuch', expected the file of one of first, second, taker$/,
      );
      expect((await endpoint.module('example'))!.reason).toMatch(/example\.toml: module example does not stay/);
    }));

  test.runIf(process.getuid?.() === 0)('that others could have written is refused', () =>
    withModules({}, async (endpoint) => {
      await endpoint.fleet.next('hello');
      endpoint.write('first', '');
      execFileSync('chmod', ['o+w', join(endpoint.fleet.places.modules, 'first.toml')]);
      endpoint.process.child.kill('SIGHUP');
      const { state, reason } = await endpoint.until('first', () => true);
      expect([state, reason]).toEqual([
        'misconfigured',
        expect.stringMatching(/can be written to by everybody: chmod o-w it/),
      ]);
    }),
  );

  test('is read again at SIGHUP: what is new starts, what is gone stops, what is wrong changes nothing', () =>
    withModules({ first: 'note = "one"', second: 'enabled = false' }, async (endpoint) => {
      const before = await endpoint.runs('first');
      expect(await endpoint.module('second')).toBe(undefined);

      endpoint.write('first', 'note = "two"');
      endpoint.write('second', '');
      endpoint.process.child.kill('SIGHUP');
      const second = await endpoint.runs('second');
      const after = await endpoint.until('first', ({ state, pid }) => state === 'running' && pid !== before.pid);
      expect((await endpoint.ask('first')).elements.note).toBe('two');

      endpoint.write('first', 'nonsense');
      rmSync(join(endpoint.fleet.places.modules, 'second.toml'));
      endpoint.process.child.kill('SIGHUP');
      await expect.poll(() => endpoint.module('second')).toBe(undefined);
      expect(isThere(second.pid!)).toBe(false);
      expect(await endpoint.module('first')).toMatchObject({
        state: 'running',
        pid: after.pid,
        reason: expect.stringMatching(/first\.toml, line 1/),
      });
    }));
});

describe('when the agent ends', () => {
  test('all modules are stopped, and have let go', () =>
    withModules({ first: '', second: '' }, async (endpoint) => {
      const pids = [await endpoint.runs('first'), await endpoint.runs('second')].map(({ pid }) => pid!);
      endpoint.process.child.kill('SIGTERM');
      expect(await endpoint.process.ended).toBe(0);
      expect(pids.map(isThere)).toEqual([false, false]);
      expect(endpoint.process.output().match(/"text":"stopped"/g)).toHaveLength(2);
      expect(readdirSync(endpoint.fleet.places.instances)).toEqual([]);
    }));

  test('a module that hangs is killed after a while', () =>
    withModules(
      { first: '' },
      async (endpoint) => {
        const { pid } = await endpoint.runs('first');
        process.kill(pid!, 'SIGSTOP');
        endpoint.process.child.kill('SIGTERM');
        expect(await endpoint.process.ended).toBe(0);
        expect(isThere(pid!)).toBe(false);
      },
      hasty.replace('ping = "300ms"', 'ping = "1h"'),
    ));
});

test('the status has the shape that it is read with', () =>
  withModules({ first: '' }, async (endpoint) => {
    await endpoint.runs('first');
    const json = endpoint.fleet.start(['status', '--json']);
    await json.ended;
    expect(Status.parse(JSON.parse(json.output())).persistent).toHaveLength(1);
  }));
