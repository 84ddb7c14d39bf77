import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUuid, topicsOf } from '@mig/action';
import { createTestAuthority, startMosquitto, type TestAuthority } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRelay } from '../connection/connect-relay.ts';
import { alert, type BrokerPlace, describeBroker, fleet } from '../testing/broker-peers.ts';
import { publishWith, wordsFor } from '../testing/mosquitto-clients.ts';
import { startBroker } from './start-broker.ts';

const topics = topicsOf(fleet);
let folder = '';
let authority: TestAuthority;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-peers-'));
  authority = await createTestAuthority(fleet);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function embedded(): Promise<BrokerPlace> {
  const tls = { ca: authority.ca, ...(await authority.issue('broker', 'server')) };
  let broker = await startBroker({ host: '127.0.0.1', port: 0, tls, fleet });
  const { port } = broker;
  return {
    agentPort: port,
    platformPort: port,
    stop: () => broker.close(),
    async start() {
      broker = await startBroker({ host: '127.0.0.1', port, tls, fleet });
    },
  };
}

for (const [name, start] of [
  ['the embedded broker', embedded],
  ['mosquitto, configured as docs/brokers.md says', () => startMosquitto(folder, authority, fleet)],
] as const) {
  describeBroker({ name, start, authority: () => authority, folder: () => folder });
}

test('the embedded broker lets in no certificate of its CA that is not one of an agent or the platform', async () => {
  const place = await embedded();
  const message = ['-t', topics.alert(createUuid()), '-m', '{}', '-q', '1'];
  for (const [name, unit, organisation] of [
    [createUuid(), 'server', fleet],
    [createUuid(), 'agent', 'otherfleet'],
    ['not-an-id', 'agent', fleet],
  ] as const) {
    const own = await authority.issue(name, unit, organisation);
    const { status, said } = await publishWith([
      ...wordsFor({ port: place.agentPort, ca: authority.ca, folder }, own),
      '-i',
      name,
      ...message,
    ]);
    expect([status, said]).toEqual([5, expect.stringMatching(/not authorised/i)]);
  }
  await place.stop();
});

test('a client leaves a broker that does not answer any more', async () => {
  const own = mkdtempSync(join(folder, 'frozen-'));
  const broker = await startMosquitto(own, authority, fleet);
  const agentId = createUuid();
  const tls = { ca: authority.ca, ...(await authority.issue(agentId, 'agent')) };
  const urls = [`mqtts://127.0.0.1:${broker.agentPort}`];
  const relay = connectRelay({ urls, fleet, as: { role: 'agent', agentId }, tls });
  await new Promise<void>((resolve) => relay.onConnection((state) => state === 'connected' && resolve()));
  broker.freeze();
  relay.publish('alert', agentId, alert()).catch(() => {});
  await relay.close();
  await expect.poll(() => relay.isConnected).toBe(false);
  await broker.stop();
});
