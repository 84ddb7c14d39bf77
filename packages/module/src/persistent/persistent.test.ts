import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encodeMessage } from '../contract/messages.ts';
import { type AnyPersistentModule, definePersistentModule } from '../contract/persistent-module.ts';
import { runModule } from '../host/run-module.ts';
import { startInstance } from '../testing/instance.ts';
import { samplePersistent } from '../testing/sample-persistent.ts';
import { AlertOutlet } from './alert-outlet.ts';
import { persistentExit, runPersistentHost } from './persistent-host.ts';

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
      [{ strat: 'well' }, persistentExit.unavailable, /configuration of module samplestay: key.* unknown key 'strat'/],
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

test('alerts never wait for the agent: beyond a bound they are dropped, and each is counted', async () => {
  const slow = new PassThrough({ highWaterMark: 64 });
  const outlet = new AlertOutlet(slow);
  for (let i = 0; i < 50_000; i++) outlet.send({ class: 'alert', parameters: { message: `${i}` } });
  expect(outlet.dropped).toBeGreaterThan(0);
  slow.setEncoding('utf8');
  let text = '';
  slow.on('data', (chunk: string) => {
    text += chunk;
  });
  while (!text.includes('were dropped')) await new Promise((resolve) => setTimeout(resolve, 5));
  const lines = text.trim().split('\n');
  const kept = lines.filter((line) => line.includes('"alert"'));
  expect(kept.length + outlet.dropped).toBe(50_000);
  const message = `${outlet.dropped} alerts were dropped: the agent did not take them in time`;
  expect(JSON.parse(lines.at(-1)!)).toEqual({ class: 'log', parameters: { message, dropped: outlet.dropped } });
});

test('a declaration without a default for each key of its configuration is refused', () => {
  const unset = { ...samplePersistent, config: z.strictObject({ needed: z.string() }) };
  expect(() => definePersistentModule(unset as never)).toThrow(/expected a default for every key of its configuration/);
});

function startBare(module: AnyPersistentModule = samplePersistent) {
  const input = new PassThrough();
  const output = new PassThrough();
  const socketPath = join(mkdtempSync(join(tmpdir(), 'mig-bare-')), 's.sock');
  return { input, output, status: runPersistentHost(module, { input, output, socketPath }) };
}
