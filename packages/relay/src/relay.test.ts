import { connect as connectTls } from 'node:tls';
import { createUuid, type Uuid } from '@mig/action';
import { withRelay } from '@mig/testing';
import { describe, expect, test } from 'vitest';
import { connectRelay } from './connection/connect-relay.ts';
import type { Received, Relay } from './relay.ts';

/** Collects what `relay` hears. */
async function hear(relay: Relay, kinds: Parameters<Relay['consume']>[0]) {
  const heard: Received[] = [];
  await relay.consume(kinds, async (received) => void heard.push(received));
  const until = async (count: number) => {
    while (heard.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return heard;
  };
  return { heard, until };
}

const acknowledgement = (id: Uuid) => ({ of: 'result', id, outcome: 'stored' }) as const;

describe('the relay', () => {
  test('carries what the platform says to the one agent, and what agents say to the platform', async () => {
    await withRelay(async ({ platform, agent }) => {
      const [here, there, other] = [await platform(), await agent(createUuid()), await agent(createUuid())];
      const said = await hear(there, ['acknowledgement']);
      const toOther = await hear(other, ['acknowledgement']);
      const told = await hear(here, ['alert']);
      const alert = { id: createUuid(), module: 'm', time: new Date().toISOString(), message: 'x', fields: {} };
      await there.publish('alert', there.agentId!, alert);
      expect(await told.until(1)).toEqual([{ kind: 'alert', agentId: there.agentId!, message: alert }]);
      const id = createUuid();
      await here.publish('acknowledgement', there.agentId!, acknowledgement(id));
      expect((await said.until(1))[0]).toMatchObject({ message: { id } });
      expect(toOther.heard).toEqual([]);
    });
  });

  test('tells that an agent is there, that it went, and that it was cut off', async () => {
    await withRelay(async ({ platform, agent, broker }) => {
      const here = await platform();
      const told = await hear(here, ['presence']);
      const agentId = createUuid();
      const first = await agent(agentId);
      await told.until(1);
      await first.close();
      await told.until(2);
      await agent(agentId);
      await told.until(3);
      broker.disconnect(agentId);
      await told.until(4);
      expect(told.heard.slice(0, 4).map(({ message }) => (message as { online: boolean }).online)).toEqual([
        true,
        false,
        true,
        false,
      ]);
    });
  });
});

test('a client without a certificate of the fleet gets nowhere', async () => {
  await withRelay(async ({ broker, authority }) => {
    const bare = connectTls({ port: broker.port, host: '127.0.0.1', ca: authority.ca, servername: 'localhost' });
    await new Promise((resolve) => {
      bare.on('error', resolve);
      bare.on('close', resolve);
      bare.write('x');
    });
    expect(broker.clients()).toBe(0);
    const agentId = createUuid();
    const stranger = await authority.issue(agentId, 'agent', 'otherfleet');
    const states: string[] = [];
    const relay = connectRelay({
      urls: [broker.url],
      fleet: 'testfleet',
      as: { role: 'agent', agentId },
      tls: { ca: authority.ca, ...stranger },
    });
    await new Promise<void>((resolve) =>
      relay.onConnection((state, detail) => {
        states.push(`${state}: ${detail}`);
        resolve();
      }),
    );
    await relay.close();
    expect(states[0]).toMatch(/disconnected: Connection refused: Not authorized/);
  });
});
