import { once } from 'node:events';
import { connect } from 'node:net';
import { createUuid, messageKinds, topicsOf } from '@mig/action';
import { type TestRelay, withRelay } from '@mig/testing';
import { assert, asyncProperty, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Relay } from '../relay.ts';
import { connectPacket, dialRaw, lengthOf, over, packet, subscribePacket, text } from '../testing/raw-client.ts';
import type { BrokerOptions } from './start-broker.ts';

/** A fleet, with what its broker logs. */
function withLog(
  use: (relay: TestRelay, log: readonly string[]) => Promise<void>,
  options: Partial<BrokerOptions> = {},
) {
  const log: string[] = [];
  return withRelay((relay) => use(relay, log), { ...options, log: (message) => void log.push(message) });
}

/** A raw connection of a new agent; connected already unless it says otherwise. */
async function attack(relay: TestRelay, agentId = createUuid(), first = connectPacket(agentId)) {
  const socket = await dialRaw(relay.broker.port, relay.authority.ca, await relay.authority.issue(agentId, 'agent'));
  if (first.length > 0) {
    socket.write(first);
    await new Promise((resolve) => socket.once('data', resolve));
  }
  return { agentId, socket };
}

/** Sees whether the broker still does its work: a message from the platform to an agent. */
async function expectWorking(platform: Relay, agent: Relay) {
  const id = createUuid();
  const came = new Promise((resolve) => {
    void agent.consume(['acknowledgement'], async ({ message }) => {
      if (message.id === id) resolve(id);
    });
  });
  await platform.publish('acknowledgement', agent.agentId!, { of: 'result', id, outcome: 'stored' });
  expect(await came).toBe(id);
}

const topics = topicsOf('testfleet');

describe('the embedded broker', () => {
  test('takes the largest result there may be, and ends a connection that announces a larger packet, before it comes', () =>
    withLog(async (relay, log) => {
      const [platform, agent] = [await relay.platform(), await relay.agent(createUuid())];
      const lengths: number[] = [];
      await platform.consume(['result'], async ({ message }) => {
        lengths.push(JSON.stringify(message).length);
      });
      const most = messageKinds.result.longestBytes;
      const time = new Date().toISOString();
      const result = (elements: string) => ({
        commandid: createUuid(),
        actionid: createUuid(),
        status: 'success' as const,
        results: [{ foundanything: true, success: true, elements, statistics: null, errors: null }],
        refusals: [],
        starttime: time,
        finishtime: time,
      });
      const largest = result('x'.repeat(most - JSON.stringify(result('')).length));
      await agent.publish('result', agent.agentId!, largest);
      await expect.poll(() => lengths, { timeout: 10_000 }).toEqual([most]);

      const { socket } = await attack(relay);
      socket.write(Buffer.concat([Buffer.from([0x32]), lengthOf(most + 8192)]));
      await over(socket);
      expect(log.join('\n')).toMatch(/a packet of 16785408 bytes or more, at most 16781312 are taken/);
      const unnamed = await attack(relay, createUuid(), Buffer.alloc(0));
      unnamed.socket.write(packet(0x10, Buffer.alloc(70_000)));
      await over(unnamed.socket);
      await expectWorking(platform, agent);
    }));

  test('ends a connection with a message that is too large for its kind, or retained, and delivers nothing of it', () =>
    withLog(async (relay, log) => {
      const [platform, agent] = [await relay.platform(), await relay.agent(createUuid())];
      const heard: string[] = [];
      await platform.consume(['presence', 'alert'], async ({ kind, agentId }) => void heard.push(`${kind} ${agentId}`));
      for (const [head, kind, bytes] of [
        [0x30, 'presence', messageKinds.presence.longestBytes + 1],
        [0x31, 'alert', 100],
      ] as const) {
        const { socket, agentId } = await attack(relay);
        socket.write(packet(head, Buffer.concat([text(topics[kind](agentId)), Buffer.alloc(bytes, 32)])));
        await over(socket);
      }
      expect(log.join('\n')).toMatch(/4097 bytes are more than 4096[\s\S]*a alert is not retained/);
      await expectWorking(platform, agent);
      expect(heard).toEqual([`presence ${agent.agentId}`]);
    }));

  test('outlives whatever bytes a client sends, before and after it has said who it is', () =>
    withLog(async (relay) => {
      const [platform, agent] = [await relay.platform(), await relay.agent(createUuid())];
      const agentId = createUuid();
      const certificate = await relay.authority.issue(agentId, 'agent');
      await assert(
        asyncProperty(
          uint8Array({ minLength: 1, maxLength: 200 }),
          uint8Array({ maxLength: 200 }),
          async (first, rest) => {
            for (const start of [Buffer.alloc(0), connectPacket(agentId)]) {
              const socket = await dialRaw(relay.broker.port, relay.authority.ca, certificate);
              socket.end(Buffer.concat([start, first, rest]));
              await over(socket);
            }
          },
        ),
        { numRuns: 60 },
      );
      await expectWorking(platform, agent);
    }));

  test.each([
    ['a session that outlasts its connection', { flags: 0 }],
    ['a connection without keep-alive', { keepAlive: 0 }],
    ['a keep-alive of hours', { keepAlive: 7200 }],
  ])('refuses %s', (_what, wish) =>
    withLog(async (relay) => {
      const agentId = createUuid();
      const { socket } = await attack(relay, agentId, connectPacket(agentId, wish));
      await over(socket);
      expect(relay.broker.clients()).toBe(0);
    }),
  );

  test('lets an agent have three connections, and ends its oldest for a fourth', () =>
    withLog(async (relay) => {
      const [platform, agent] = [await relay.platform(), await relay.agent(createUuid())];
      const agentId = createUuid();
      const certificate = await relay.authority.issue(agentId, 'agent');
      const sockets = [];
      for (let i = 0; i < 60; i++) sockets.push(await dialRaw(relay.broker.port, relay.authority.ca, certificate));
      await Promise.all(sockets.slice(0, -3).map(over));
      expect(sockets.map(({ closed }) => closed)).toEqual([...Array(57).fill(true), false, false, false]);
      await expectWorking(platform, agent);
      for (const socket of sockets) socket.destroy();
    }));

  test('keeps a bounded amount for an agent that does not read, ends its connection, and delays nobody else', () =>
    withLog(
      async (relay, log) => {
        const [platform, agent] = [await relay.platform(), await relay.agent(createUuid())];
        const { socket, agentId } = await attack(relay);
        const gone: boolean[] = [];
        socket.write(subscribePacket(topics.cancel(agentId)));
        await new Promise((resolve) => socket.once('data', resolve));
        socket.pause();
        socket.on('close', () => gone.push(true));
        const message = () => ({
          commandid: createUuid(),
          actionid: createUuid(),
          reason: 'x'.repeat(4000),
          senttime: new Date().toISOString(),
        });
        for (let i = 0; i < 250; i++)
          await Promise.all(Array.from({ length: 20 }, () => platform.publish('cancel', agentId, message())));
        await expectWorking(platform, agent);
        expect(log.join('\n')).toMatch(/it does not read: \d+ bytes wait, at most 8388608 may/);
        expect(relay.broker.clients()).toBe(2);
        socket.destroy();
      },
      { mostUnsentBytes: 8 * 1024 * 1024 },
    ));

  test('asks at each connection whether a client is admitted, and lets nobody in when it cannot be told', async () => {
    const asked: unknown[] = [];
    let answer: () => Promise<string | undefined> = async () => undefined;
    await withLog(
      async (relay, log) => {
        const agentId = createUuid();
        const platform = await relay.platform();
        const agent = await relay.agent(agentId);
        await expectWorking(platform, agent);
        const states: string[] = [];
        agent.onConnection((state, detail) => states.push(`${state} ${detail ?? ''}`));
        answer = async () => 'it was destroyed';
        relay.broker.disconnect(agentId);
        await expect.poll(() => states.join('\n'), { timeout: 5_000 }).toMatch(/Not authorized/);
        expect(log.join('\n')).toContain(`client '${agentId}' refused: it was destroyed`);
        answer = () => Promise.reject(new Error('no database'));
        const { socket } = await attack(relay);
        await over(socket);
        expect(log.join('\n')).toContain('it could not be told whether it may: no database');
        expect(asked.slice(0, 2)).toEqual([{ role: 'platform' }, { role: 'agent', agentId }]);
        expect(relay.broker.clients()).toBe(1);
      },
      {
        admit: (identity) => {
          asked.push(identity);
          return answer();
        },
      },
    );
  });

  test('ends at once, also when connections are open that have not said who they are', {
    timeout: 10_000,
  }, async () => {
    const ended: Promise<unknown>[] = [];
    await withLog(async (relay) => {
      const certificate = await relay.authority.issue(createUuid(), 'agent');
      ended.push(over(await dialRaw(relay.broker.port, relay.authority.ca, certificate)));
      for (const port of [relay.broker.port, relay.broker.wsPort!]) {
        const bare = connect(port, '127.0.0.1');
        await once(bare, 'connect');
        bare.on('error', () => {});
        ended.push(once(bare.resume(), 'close'));
      }
    });
    await Promise.all(ended);
  });
});
