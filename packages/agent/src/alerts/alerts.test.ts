import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertMessage } from '@mig/action';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askStatus } from '../status/status-socket.ts';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { type FleetOfOne, withFleetOfOne } from '../testing/fleet-of-one.ts';
import { StayingEndpoint } from '../testing/staying-endpoint.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent(join(import.meta.dirname, '../testing/staying-modules.ts'));
});
afterAll(() => agent.remove());

const withModules = (
  files: Readonly<Record<string, string>>,
  use: (endpoint: StayingEndpoint) => Promise<void>,
  settings = '',
) => withFleetOfOne(agent, (fleet) => use(new StayingEndpoint(fleet, files, settings)));

/** Nobody answers there: the agent is offline. */
const offline = '[relay]\nurls = ["mqtts://127.0.0.1:1"]\n';

/** What the platform stores: each alert once, in the order in which it came, acknowledged. */
function beThePlatform(fleet: FleetOfOne, isAcknowledging = () => true): readonly AlertMessage[] {
  const stored: AlertMessage[] = [];
  const known = new Set<string>();
  fleet.onAlert(async (alert) => {
    if (!known.has(alert.id)) stored.push(alert);
    known.add(alert.id);
    if (isAcknowledging()) {
      await fleet.platform.publish('acknowledgement', fleet.agentId, { of: 'alert', id: alert.id, outcome: 'stored' });
    }
  });
  return stored;
}

const messagesOf = (alerts: readonly AlertMessage[], module = 'first') =>
  alerts.filter((alert) => alert.module === module).map(({ message }) => message);
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `alert ${from + i}`);
const droppedOf = (alerts: readonly AlertMessage[]) =>
  alerts.reduce((sum, { fields }) => sum + (typeof fields['dropped'] === 'number' ? fields['dropped'] : 0), 0);
const waitingOf = async ({ fleet }: StayingEndpoint) => {
  const { alerts } = await askStatus(fleet.places.socket);
  return alerts.reduce((sum, { waiting }) => sum + waiting, 0);
};

describe('alerts', () => {
  test('reach the platform in the order of each module, and those of others a module that receives them', () =>
    withModules({ first: '', second: '', taker: '' }, async (endpoint) => {
      const stored = beThePlatform(endpoint.fleet);
      for (const name of ['first', 'second', 'taker']) await endpoint.runs(name);
      await endpoint.fleet.next('hello');
      for (let i = 0; i < 3; i++) {
        await endpoint.askHere('first', { does: 'raise', count: 20, from: i * 20 });
        await endpoint.askHere('second', { does: 'raise', count: 20, from: i * 20 });
      }
      await endpoint.askHere('taker', { does: 'raise', count: 1 });
      await expect.poll(() => stored.length).toBe(121);
      for (const module of ['first', 'second']) expect(messagesOf(stored, module)).toEqual(numbered(60));
      expect(stored[0]).toMatchObject({ module: 'first', fields: { i: 0, text: 'x'.repeat(100) } });
      const { heard } = (await endpoint.askHere('taker')).elements;
      const from = (module: string) => heard.filter((line) => line.startsWith(module));
      expect(from('second')).toEqual(
        numbered(60)
          .map((text) => `second: ${text}`)
          .slice(-from('second').length),
      );
      expect(from('taker')).toEqual([]);
      await expect.poll(() => waitingOf(endpoint)).toBe(0);
    }));

  test('of an agent that is offline, and is killed, come later: all of them, once, in order', () =>
    withModules(
      { first: '' },
      async (endpoint) => {
        await endpoint.runs('first');
        await endpoint.askHere('first', { does: 'raise', count: 500 });
        await expect.poll(() => waitingOf(endpoint)).toBe(500);
        endpoint.process.child.kill('SIGKILL');
        await endpoint.process.ended;

        let isAcknowledging = false;
        const stored = beThePlatform(endpoint.fleet, () => isAcknowledging);
        endpoint.fleet.configure('');
        endpoint.process = endpoint.fleet.start();
        // Sent, and not acknowledged: killed in between.
        await expect.poll(() => stored.length).toBeGreaterThan(200);
        endpoint.process.child.kill('SIGKILL');
        await endpoint.process.ended;

        isAcknowledging = true;
        endpoint.process = endpoint.fleet.start();
        await endpoint.runs('first');
        await endpoint.askHere('first', { does: 'raise', count: 10, from: 500 });
        await expect.poll(() => stored.length).toBe(510);
        expect(messagesOf(stored)).toEqual(numbered(510));
        await expect.poll(() => waitingOf(endpoint)).toBe(0);
      },
      offline,
    ));

  test('that nobody acknowledges are sent again', () =>
    withModules(
      { first: '' },
      async (endpoint) => {
        let seen = 0;
        endpoint.fleet.onAlert(async ({ id }) => {
          if (++seen < 2) return;
          await endpoint.fleet.platform.publish('acknowledgement', endpoint.fleet.agentId, {
            of: 'alert',
            id,
            outcome: 'stored',
          });
        });
        await endpoint.runs('first');
        await endpoint.fleet.next('hello');
        await endpoint.askHere('first', { does: 'raise' });
        await expect.poll(() => seen).toBe(2);
        await expect.poll(() => waitingOf(endpoint)).toBe(0);
      },
      '[spool]\nresend = "1s"\n',
    ));

  test('are kept up to a bound for each module, and those dropped are counted exactly', () =>
    withModules(
      { first: '', second: '' },
      async (endpoint) => {
        await endpoint.runs('first');
        await endpoint.runs('second');
        for (let i = 0; i < 6; i++) await endpoint.askHere('first', { does: 'raise', count: 1_000, from: i * 1_000 });
        await endpoint.askHere('second', { does: 'raise', count: 10 });
        await expect
          .poll(async () => (await askStatus(endpoint.fleet.places.socket)).alerts)
          .toMatchObject([
            { module: 'first', waiting: expect.any(Number) },
            { module: 'second', waiting: 10, dropped: 0 },
          ]);
        await expect
          .poll(async () => {
            const { waiting, dropped } = (await askStatus(endpoint.fleet.places.socket)).alerts[0]!;
            return waiting + dropped;
          })
          .toBe(6_000);
        endpoint.process.child.kill('SIGKILL');
        await endpoint.process.ended;
        const stored = beThePlatform(endpoint.fleet);
        rmSync(endpoint.fleet.places.settings);
        endpoint.process = endpoint.fleet.start();
        await expect.poll(() => droppedOf(stored), { timeout: 60_000 }).toBeGreaterThan(0);
        const kept = messagesOf(stored).filter((text) => !text.includes('dropped'));
        expect(kept).toEqual(numbered(kept.length));
        expect(kept.length + droppedOf(stored)).toBe(6_000);
        expect(messagesOf(stored, 'second')).toEqual(numbered(10));
      },
      `${offline}[alerts]\nsizemb = 1\n`,
    ));

  test('by the ten thousand neither block the module, nor are lost', () =>
    withModules({ first: '', second: '' }, async (endpoint) => {
      const stored = beThePlatform(endpoint.fleet);
      await endpoint.runs('first');
      await endpoint.runs('second');
      await endpoint.fleet.next('hello');
      const [flood] = await Promise.all([
        endpoint.askHere('first', { does: 'raise', count: 10_000 }),
        endpoint.askHere('second', { does: 'raise', count: 10 }),
      ]);
      expect(flood.success).toBe(true);
      await expect.poll(() => messagesOf(stored, 'second')).toEqual(numbered(10));
      expect(messagesOf(stored).length).toBeLessThan(5_000);
      await expect.poll(() => messagesOf(stored).length, { timeout: 60_000 }).toBe(10_000);
      expect(messagesOf(stored)).toEqual(numbered(10_000));
      expect((await endpoint.module('first'))!.restarts).toBe(0);
    }));

  test('to a module that does not run are held, and what is too much is counted', () =>
    withModules(
      { first: '', taker: '' },
      async (endpoint) => {
        await endpoint.runs('first');
        const { pid } = await endpoint.runs('taker');
        process.kill(pid!, 'SIGKILL');
        await endpoint.until('taker', ({ state }) => state === 'waiting');
        await endpoint.askHere('first', { does: 'raise', count: 10_050 });
        // All were raised before it is started again.
        expect((await endpoint.module('taker'))!.state).toBe('waiting');
        await endpoint.until('taker', ({ state, restarts }) => state === 'running' && restarts === 1);
        expect((await endpoint.module('taker'))!.undelivered).toBe(50);
        await expect
          .poll(async () => (await endpoint.askHere('taker')).elements.heard.at(-1))
          .toBe('taker: 50 alerts were dropped here: taker did not take them in time');
        const { heard } = (await endpoint.askHere('taker')).elements;
        expect(heard.slice(0, -1)).toEqual(numbered(99, 9_901).map((text) => `first: ${text}`));
      },
      `${offline}[modules]\npause = "8s"\n`,
    ));

  test('in privacy mode say to the platform what their module lets out, and everything to modules that receive them', () =>
    withModules(
      { first: '', taker: '' },
      async (endpoint) => {
        const stored = beThePlatform(endpoint.fleet);
        await endpoint.runs('first');
        await endpoint.runs('taker');
        await endpoint.fleet.next('hello');
        await endpoint.askHere('first', { does: 'raise', from: 7 });
        await expect.poll(() => stored).toMatchObject([{ module: 'first', message: 'masked', fields: { i: 7 } }]);
        expect(stored[0]!.fields).toEqual({ i: 7 });
        await expect.poll(async () => (await endpoint.askHere('taker')).elements.heard).toEqual(['first: alert 7']);
      },
      'privacy = true\n',
    ));
});
