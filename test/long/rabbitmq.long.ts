/** RabbitMQ between platform and agents, configured as docs/brokers.md says: it takes a while to start. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyAgent, listAgents } from '@mig/api';
import { type Authorizer, startAuthorizer } from '@mig/relay';
import { createTestAuthority, type OtherBroker, openPlatform, startRabbitmq, type TestAuthority } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBroker, fleet } from '../../packages/relay/src/testing/broker-peers.ts';

let folder = '';
let authority: TestAuthority;
let authorizer: Authorizer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-rabbitmq-'));
  authority = await createTestAuthority(fleet);
  authorizer = await startAuthorizer({ host: '127.0.0.1', port: 0, fleet, admit: () => undefined, log: () => {} });
});
afterAll(async () => {
  await authorizer.close();
  rmSync(folder, { recursive: true });
});

describeBroker({
  name: 'RabbitMQ, configured as docs/brokers.md says',
  start: async () => {
    const own = await authority.issue('broker', 'server');
    return await startRabbitmq({ folder, ca: authority.ca, own, authorizer: authorizer.port });
  },
  authority: () => authority,
  folder: () => folder,
  keepsRetained: false,
  closesOnRefusal: true,
});

/** RabbitMQ with the server's own certificate; it asks the server. */
const rabbitmq: OtherBroker = ({ datadir, ...place }) => {
  const read = (name: string) => readFileSync(join(datadir, name), 'utf8');
  return startRabbitmq({ ...place, ca: read('ca.crt'), own: { cert: read('server.crt'), key: read('server.key') } });
};

test('with RabbitMQ between them, a question reaches an agent and its answer comes back; one that was destroyed stays out', async () => {
  const { platform, close } = await openPlatform(rabbitmq);
  try {
    // The server may come to the broker after the agent, and then hears of it at its next heartbeat.
    const here = await platform.enrol('here', 'heartbeat.interval = "5s"\n');
    const agent = await here.start();
    const statuses = async () => (await platform.client.call(listAgents, {})).items.map(({ status }) => status);
    await expect.poll(statuses, { timeout: 60_000 }).toEqual(['online']);
    const asked = platform.mig(['example', '-t', 'all', '-e', '1m', '-y', '-gethostname']);
    expect(await asked.ended).toBe(0);
    expect(asked.stdout()).toBe(`here hostname is ${hostname()}\n`);
    await agent.kill();
    await platform.client.call(destroyAgent, { params: { id: here.id } });
    const again = await here.start(false);
    await platform.server.said(/the agent was taken out of the fleet/);
    expect(again.output()).not.toMatch(/connected to the platform/);
  } finally {
    await close();
  }
});
