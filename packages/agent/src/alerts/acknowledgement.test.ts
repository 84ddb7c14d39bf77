/** What a module has raised reaches the platform once, whoever is killed on the way. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertMessage } from '@mig/action';
import { createLogger } from '@mig/daemon';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askStatus } from '../status/status-socket.ts';
import { InstanceLog } from '../supervisor/instance-log.ts';
import { InstanceProcess } from '../supervisor/instance-process.ts';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { withFleetOfOne } from '../testing/fleet-of-one.ts';
import { StayingEndpoint } from '../testing/staying-endpoint.ts';
import { available } from '../testing/staying-modules.ts';
import { AlertPost, type Raised } from './alert-post.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent(join(import.meta.dirname, '../testing/staying-modules.ts'));
});
afterAll(() => agent.remove());

/** An endpoint with one module, whose platform notes every alert that comes, and acknowledges it. */
const withModule = (use: (endpoint: Watched) => Promise<void>) =>
  withFleetOfOne(agent, async (fleet) => {
    const endpoint = new Watched(fleet, { first: '' }, '[modules]\nping = "1h"\npause = "50ms"\n');
    await endpoint.runs('first');
    await endpoint.fleet.next('hello');
    await use(endpoint);
  });

class Watched extends StayingEndpoint {
  readonly came: AlertMessage[] = [];

  constructor(...all: ConstructorParameters<typeof StayingEndpoint>) {
    super(...all);
    const { fleet, came } = this;
    fleet.onAlert(async (alert) => {
      came.push(alert);
      await fleet.platform.publish('acknowledgement', fleet.agentId, { of: 'alert', id: alert.id, outcome: 'stored' });
    });
  }

  /** What the platform has stored: each id once. */
  get stored(): readonly string[] {
    return [...new Map(this.came.map(({ id, message }) => [id, message])).values()];
  }

  /** What the module keeps in its state directory, while the agent has not acknowledged it. */
  get kept(): string {
    const path = join(this.fleet.places.stateOf('first'), 'unacknowledged-alerts.jsonl');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  raise(count: number, from = 0) {
    return this.askHere('first', { does: 'raise', count, from });
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.process.pid, signal);
  }

  async waiting(): Promise<number> {
    return (await askStatus(this.fleet.places.socket)).alerts.reduce((sum, { waiting }) => sum + waiting, 0);
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `alert ${i}`);

test('alerts that the agent had not taken when it was killed are told again, once each, before new ones', () =>
  withModule(async (endpoint) => {
    endpoint.signal('SIGSTOP');
    await endpoint.raise(20);
    endpoint.signal('SIGKILL');
    await endpoint.process.ended;
    endpoint.process = endpoint.fleet.start();
    await endpoint.runs('first');
    await endpoint.raise(5, 20);
    await expect.poll(() => endpoint.came.length).toBe(25);
    expect(endpoint.stored).toEqual(numbered(25));
    await expect.poll(() => endpoint.kept).toBe('');
  }));

test('a module that is killed while the agent does not read loses none of what it held', () =>
  withModule(async (endpoint) => {
    const { pid } = await endpoint.runs('first');
    endpoint.signal('SIGSTOP');
    await endpoint.raise(5_000);
    await expect.poll(() => endpoint.kept).toContain('"alert 4999"');
    process.kill(pid!, 'SIGKILL');
    endpoint.signal('SIGCONT');
    await expect.poll(() => endpoint.stored.length, { timeout: 20_000 }).toBe(5_000);
    expect(endpoint.stored).toEqual(numbered(5_000));
    await expect.poll(() => endpoint.kept).toBe('');
    // Those that were in the pipe came by it, too: they were on disk still, or had the same id.
    expect((await endpoint.module('first'))!.restarts).toBe(1);
  }));

test('what the agent has kept, and the module has not read that it has, is known when it is told again', () =>
  withModule(async (endpoint) => {
    const { pid } = await endpoint.runs('first');
    endpoint.signal('SIGSTOP');
    await endpoint.raise(10);
    await expect.poll(() => endpoint.kept).toContain('"alert 9"');
    process.kill(pid!, 'SIGSTOP');
    endpoint.signal('SIGCONT');
    await expect.poll(() => endpoint.stored.length).toBe(10);
    process.kill(pid!, 'SIGKILL');
    await endpoint.until('first', ({ state, restarts }) => state === 'running' && restarts === 1);
    await endpoint.raise(1, 10);
    await expect.poll(() => endpoint.stored).toEqual(numbered(11));
    await expect.poll(() => endpoint.waiting()).toBe(0);
    await expect.poll(() => endpoint.kept).toBe('');
  }));

test('an agent that ends in peace leaves nothing to be told again', () =>
  withModule(async (endpoint) => {
    await endpoint.raise(500);
    endpoint.signal('SIGTERM');
    await endpoint.process.ended;
    expect(endpoint.kept).toBe('');
    endpoint.process = endpoint.fleet.start();
    await endpoint.runs('first');
    await expect.poll(() => endpoint.stored).toEqual(numbered(500));
  }));

test('what is told again is passed over where it is on disk still, whichever agent wrote it there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mig-post-'));
  const log = createLogger({ level: 'info', format: 'json' }, () => {});
  const open = () =>
    new AlertPost({
      ...{ directory, limitBytes: 1 << 20, resendMs: 60_000, mask: () => ({ ...named(0), message: 'masked' }), log },
      publish: () => undefined,
    });
  const named = (number: number): Raised => ({
    ...{ message: `alert ${number}`, fields: {}, time: '2026-01-01T00:00:00Z', id: `a-${number}` },
  });
  try {
    const kept: number[] = [];
    const before = open();
    const ids = [1, 2, 3].map((number) => before.take('first', named(number), () => kept.push(number)).id);
    before.close();
    const after = open();
    const again = [2, 3, 4].map((number) => after.take('first', { ...named(number), again: true }).id);
    after.take('first', { ...named(5), dropped: 7 });
    after.take('second', { ...named(3), again: true });
    after.close();
    expect(again.slice(0, 2)).toEqual(ids.slice(1));
    expect(kept).toEqual([1, 2, 3]);
    expect(after.counts()).toEqual(
      new Map([
        ['first', { waiting: 5, dropped: 7 }],
        ['second', { waiting: 1, dropped: 0 }],
      ]),
    );
    // How many were dropped is said in privacy mode, too.
    const lines = readFileSync(join(directory, 'first-00000001.jsonl'), 'utf8').trim().split('\n');
    const messages = lines.map((line) => (JSON.parse(line) as AlertMessage).message);
    expect(messages).toEqual(['masked', 'masked', 'masked', 'masked', 'alert 5']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a module that does not number its alerts is not told of acknowledgements', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mig-plain-'));
  const script = join(directory, 'plain.cjs');
  // It knows the messages of the founding document, and says what it is told.
  writeFileSync(
    script,
    `const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
     require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
       const { class: what } = JSON.parse(line);
       say({ class: 'log', parameters: { message: what } });
       if (what === 'config') {
         say({ class: 'register', parameters: { sockpath: 'none' } });
         for (const number of [undefined, undefined, 7]) say({ class: 'alert', parameters: { message: 'plain', number } });
       }
       if (what === 'ack') say({ class: 'log', parameters: { message: line } });
       if (what === 'stop') process.exit(0);
     });`,
  );
  const raised: Raised[] = [];
  const said: string[] = [];
  const log = new InstanceLog(
    createLogger({ level: 'info', format: 'json' }, (line) => said.push(line)),
    'first',
  );
  const instance = new InstanceProcess({
    module: available.get('first') as never,
    host: { script, nodeFlags: [] },
    directory,
    socketPath: join(directory, 'first.sock'),
    configuration: { config: {}, hostname: 'h', environment: {}, tags: {}, statedir: join(directory, 'state') },
    limits: { pingMs: 3_600_000, deadlineMs: 30_000, startMs: 30_000, memoryMb: 256 },
    log,
    onRegistered: () => {},
    onAlert: (one, onKept) => {
      raised.push(one);
      onKept?.();
    },
    onDropped: () => {},
  });
  try {
    await expect.poll(() => raised.length).toBe(3);
    await expect.poll(() => log.last).toBe('{"class":"ack","parameters":{"number":7}}');
    instance.stop();
    expect((await instance.ended).outcome).toBe('stopped');
    const classes = said.flatMap((line) => /"text":"(\w+)"/.exec(line)?.[1] ?? []);
    expect(classes).toEqual(['config', 'ack', 'stop']);
  } finally {
    instance.stop();
    await instance.ended;
    rmSync(directory, { recursive: true });
  }
});
