import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encodeMessage } from '../contract/messages.ts';
import { type AnyPersistentModule, definePersistentModule } from '../contract/persistent-module.ts';
import { runModule } from '../host/run-module.ts';
import { startInstance } from '../testing/instance.ts';
import { samplePersistent } from '../testing/sample-persistent.ts';
import { AlertOutlet } from './alert-outlet.ts';
import { persistentExit, runPersistentHost } from './persistent-host.ts';
import { type AlertParameters, Unacknowledged } from './unacknowledged.ts';

describe('a module that stays', () => {
  test('is asked through its socket, and keeps what it knows between questions', async () => {
    const instance = await startInstance(samplePersistent);
    expect((await instance.ask({})).elements).toEqual({ asked: 1, host: 'tested' });
    expect(await instance.ask({})).toMatchObject({ elements: { asked: 2 }, errors: ['asked before'] });
    expect(await instance.stop()).toBe(persistentExit.stopped);
    expect(instance.logs).toEqual(['started', 'stopped']);
  });

  test('answers several questions at a time, and a failure disturbs no other', async () => {
    const instance = await startInstance(samplePersistent);
    const answers = await Promise.all([{}, { does: 'throw' }, {}, { does: 'no such thing' }].map(instance.ask));
    expect(answers.map(({ success }) => success)).toEqual([true, false, true, false]);
    expect(answers[1]!.errors).toEqual(['it would not say']);
    expect(answers[3]!.errors![0]).toMatch(/^parameter 'does': expected one of/);
    await instance.stop();
  });

  test('learns when whoever asked has gone', async () => {
    const instance = await startInstance(samplePersistent);
    const stopper = new AbortController();
    const { signal } = stopper;
    const asking = runModule(samplePersistent, { does: 'wait' }, { persistsock: instance.socketPath, signal });
    setTimeout(() => stopper.abort(new Error('enough')), 100);
    expect((await asking).success).toBe(false);
    await instance.until(() => instance.logs.includes('whoever asked has gone'));
    await instance.stop();
  });

  test('answers pings, raises alerts, and is handed those of others', async () => {
    const instance = await startInstance(samplePersistent, { alerts: 3 });
    await instance.ping();
    await instance.until(() => instance.alerts.length === 3);
    expect(instance.alerts.map(({ fields }) => fields)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    instance.forward({ id: 'x', module: 'other', time: '2026-01-01T00:00:00Z', message: 'm', fields: { a: 1 } });
    await instance.ping();
    expect((await instance.ask({})).statistics).toEqual({ heard: 1 });
    await instance.stop();
  });

  test('ends when it fails later, with the reason in the log', async () => {
    const instance = await startInstance(samplePersistent);
    await instance.ask({ does: 'leave' });
    expect(await instance.ended).toBe(persistentExit.failed);
    await instance.until(() => instance.logs.includes('it left'));
  });

  test('says that it cannot work here, or with this configuration, by its exit status', async () => {
    for (const [config, status, reason] of [
      [{ start: 'unavailable' }, persistentExit.unavailable, 'there is nothing to stay for here'],
      [{ start: 'crash' }, persistentExit.failed, 'it crashed at its start'],
      [{ strat: 'well' }, persistentExit.unavailable, /^configuration of module samplestay: unknown key 'strat'/],
    ] as const) {
      const instance = await startInstance(samplePersistent, config);
      expect(await instance.ended).toBe(status);
      await instance.until(() => instance.logs.length > 0);
      expect(instance.logs.at(-1)).toMatch(reason);
    }
  });

  test('ends when the agent is gone', async () => {
    const { input, status } = startBare();
    input.write(
      encodeMessage({ class: 'config', parameters: { config: {}, hostname: '', environment: {}, tags: {} } }),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    input.end();
    expect(await status).toBe(persistentExit.stopped);
  });

  test('answers pings while it starts, and can be stopped before it has', async () => {
    const { input, output, status } = startBare();
    const config = { start: 'never' };
    input.write(encodeMessage({ class: 'config', parameters: { config, hostname: '', environment: {}, tags: {} } }));
    input.write(encodeMessage({ class: 'ping' }));
    const [said] = (await once(output, 'data')) as [Buffer];
    expect(said.toString()).toBe('{"class":"ping"}\n');
    input.write(encodeMessage({ class: 'stop' }));
    expect(await status).toBe(persistentExit.stopped);
  });

  test('refuses a first message that is no configuration', async () => {
    const { input, status, output } = startBare();
    input.write(encodeMessage({ class: 'ping' }));
    expect(await status).toBe(persistentExit.failed);
    expect(String(output.read())).toContain('expected a message of class config first, got class ping');
  });
});

describe('the socket of an instance', () => {
  test('is for the owner alone', async () => {
    const instance = await startInstance(samplePersistent);
    expect(statSync(instance.socketPath).mode & 0o777).toBe(0o600);
    await instance.stop();
  });

  test('survives connections that ask nothing, half a question, or nonsense', async () => {
    const instance = await startInstance(samplePersistent);
    for (const said of ['', '{"class":"param', 'nonsense\n', '{"class":"ping"}\n']) {
      const socket = connect(instance.socketPath);
      socket.on('error', () => {});
      socket.end(said);
      await new Promise((resolve) => socket.on('close', resolve).resume());
    }
    expect((await instance.ask({})).success).toBe(true);
    await instance.stop();
  });

  test('that nobody listens on is a clear failure', async () => {
    const result = await runModule(samplePersistent, {}, { persistsock: '/nowhere/samplestay.sock' });
    expect(result.errors![0]).toMatch(/^module samplestay does not run: nobody listens on \/nowhere\/samplestay.sock/);
    const unasked = await runModule(samplePersistent, {});
    expect(unasked.errors![0]).toMatch(/expected the path of its socket \(persistsock\), got none/);
  });
});

describe('a state directory', () => {
  /** Counts its instances in a file, and says where that is. */
  const keeper = definePersistentModule({
    ...samplePersistent,
    async runPersistent({ stateDirectory, log, ...context }) {
      const path = join(stateDirectory, 'starts');
      const starts = (existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0) + 1;
      writeFileSync(path, `${starts}`);
      log(`start ${starts} in ${stateDirectory} ${(statSync(stateDirectory).mode & 0o777).toString(8)}`);
      return samplePersistent.runPersistent({ ...context, stateDirectory, log });
    },
  });

  test('of the test kit is new and goes with the instance, unless it is given', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mig-state-'));
    for (const starts of [1, 2]) {
      const instance = await startInstance(keeper, {}, { directory });
      await instance.stop();
      expect(instance.logs[0]).toBe(`start ${starts} in ${directory} 700`);
    }
    rmSync(directory, { recursive: true });
    const other = await startInstance(keeper);
    await other.stop();
    expect(other.logs[0]).toBe(`start 1 in ${other.stateDirectory} 700`);
    await expect.poll(() => existsSync(other.stateDirectory)).toBe(false);
  });

  test('is made beside the socket where no agent names one', async () => {
    const { input, output, status } = startBare(keeper);
    input.write(
      encodeMessage({ class: 'config', parameters: { config: {}, hostname: 'h', environment: {}, tags: {} } }),
    );
    output.setEncoding('utf8');
    const [said] = (await once(output, 'data')) as [string];
    expect(said).toMatch(/start 1 in \S+\/samplestay\.state 700/);
    input.end();
    expect(await status).toBe(persistentExit.stopped);
  });
});

describe('alerts', () => {
  /** What came out of an outlet whose reader is slow. */
  async function readSlowly(raise: (outlet: AlertOutlet) => void): Promise<{ outlet: AlertOutlet; lines: string[] }> {
    const slow = new PassThrough({ highWaterMark: 64 });
    const outlet = new AlertOutlet(slow);
    raise(outlet);
    slow.setEncoding('utf8');
    let text = '';
    slow.on('data', (chunk: string) => {
      text += chunk;
    });
    await expect.poll(() => text).toContain('dropped here');
    return { outlet, lines: text.trim().split('\n') };
  }

  test('never wait for the agent: beyond a bound they are dropped, and an alert in their place says how many', async () => {
    const { outlet, lines } = await readSlowly((one) => {
      for (let i = 0; i < 50_000; i++) one.raise(`${i}`, {});
    });
    expect(outlet.dropped).toBeGreaterThan(10_000);
    expect(lines.length - 1 + outlet.dropped).toBe(50_000);
    const { dropped } = outlet;
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      class: 'alert',
      parameters: { message: `${dropped} alerts were dropped here: the agent did not take them in time`, dropped },
    });
  });

  test('that are large are held up to a bound of their own', async () => {
    const { outlet, lines } = await readSlowly((one) => {
      for (let i = 0; i < 40; i++) one.raise('large', { text: 'x'.repeat(1_000_000) });
    });
    expect(lines.length - 1 + outlet.dropped).toBe(40);
    expect(outlet.dropped).toBeGreaterThan(20);
  });
});

describe('alerts that are acknowledged', () => {
  let directory: string;
  const path = () => join(directory, 'kept.jsonl');
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mig-kept-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** An outlet as of a new instance, and all that it has written. */
  function open(): { outlet: AlertOutlet; told: () => AlertParameters[]; logs: string[] } {
    const output = new PassThrough();
    const logs: string[] = [];
    let text = '';
    output.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const outlet = new AlertOutlet(output);
    outlet.keepIn(new Unacknowledged(path(), (message) => logs.push(message)));
    const told = () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).parameters as AlertParameters);
    return { outlet, told, logs };
  }
  const brief = (told: AlertParameters[]) => told.map(({ number, message, again }) => ({ number, message, again }));

  test('are forgotten; the others are told again by the next instance, marked, under the same id, before new ones', async () => {
    const first = open();
    for (let i = 1; i <= 5; i++) first.outlet.raise(`alert ${i}`, { i });
    first.outlet.acknowledge(3);
    first.outlet.save();
    await expect.poll(() => first.told().length).toBe(5);

    const second = open();
    second.outlet.raise('alert 6', {});
    await expect.poll(() => second.told().length).toBe(3);
    expect(brief(second.told())).toEqual([
      { number: 4, message: 'alert 4', again: true },
      { number: 5, message: 'alert 5', again: true },
      { number: 6, message: 'alert 6', again: undefined },
    ]);
    expect(second.told().slice(0, 2)).toMatchObject(first.told().slice(3));
    expect(new Set([...first.told(), ...second.told()].map(({ id }) => id)).size).toBe(6);
    second.outlet.acknowledge(6);
    expect(existsSync(path())).toBe(false);
    expect(open().told()).toEqual([]);
  });

  test('are on disk after a moment, with what was acknowledged since', async () => {
    const { outlet } = open();
    for (let i = 1; i <= 3; i++) outlet.raise(`alert ${i}`, {});
    await expect.poll(() => existsSync(path())).toBe(true);
    outlet.raise('alert 4', {});
    outlet.acknowledge(2);
    await expect.poll(() => readFileSync(path(), 'utf8')).toContain('"ack"');
    const next = open();
    await expect.poll(() => brief(next.told()).map(({ message }) => message)).toEqual(['alert 3', 'alert 4']);
  });

  test('that a crash cut short are passed over, and nothing is glued to them', async () => {
    const first = open();
    for (let i = 1; i <= 3; i++) first.outlet.raise(`alert ${i}`, {});
    first.outlet.save();
    truncateSync(path(), statSync(path()).size - 10);
    const second = open();
    expect(second.logs).toEqual([`1 lines of ${path()} were damaged, and passed over`]);
    second.outlet.raise('alert 4', {});
    second.outlet.save();
    const third = open();
    await expect
      .poll(() => brief(third.told()).map(({ message }) => message))
      .toEqual(['alert 1', 'alert 2', 'alert 4']);
    expect(third.logs).toEqual([]);
  });

  test('are bounded: those dropped are counted, also over the end of the instance', async () => {
    const first = open();
    for (let i = 0; i < 40_000; i++) first.outlet.raise(`alert ${i}`, {});
    expect(first.outlet.dropped).toBe(40_000 - 32_768);
    first.outlet.save();
    const second = open();
    await expect.poll(() => second.told().length).toBe(32_769);
    expect(second.told().at(-1)).toMatchObject({ dropped: 40_000 - 32_768, again: true });
    second.outlet.acknowledge(second.told().at(-1)!.number!);
    expect(existsSync(path())).toBe(false);
  });

  test('that cannot be kept on disk are said so once, and kept in memory', () => {
    const { outlet, logs } = open();
    mkdirSync(`${path()}.new`);
    for (let i = 0; i < 3; i++) {
      outlet.raise('alert', {});
      outlet.save();
    }
    expect(logs).toEqual([
      expect.stringMatching(/^alerts that the agent has not taken cannot be kept on disk: EISDIR/),
    ]);
    rmSync(`${path()}.new`, { recursive: true });
    outlet.save();
    expect(readFileSync(path(), 'utf8').trim().split('\n')).toHaveLength(3);
  });
});

test('a declaration without a default for each key of its configuration is refused', () => {
  const unset = { ...samplePersistent, config: z.strictObject({ needed: z.string() }) };
  expect(() => definePersistentModule(unset as never)).toThrow(
    "module samplestay: expected a default for every key of its configuration, got none for 'needed'",
  );
});

function startBare(module: AnyPersistentModule = samplePersistent) {
  const input = new PassThrough();
  const output = new PassThrough();
  const socketPath = join(mkdtempSync(join(tmpdir(), 'mig-bare-')), 's.sock');
  return { input, output, status: runPersistentHost(module, { input, output, socketPath }) };
}
