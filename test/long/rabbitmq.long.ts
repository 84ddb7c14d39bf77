/** RabbitMQ between platform and agents, configured as docs/brokers.md says: it takes a while to start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authorizer, startAuthorizer } from '@mig/relay';
import { createTestAuthority, startRabbitmq, type TestAuthority } from '@mig/testing';
import { afterAll, beforeAll } from 'vitest';
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
  start: () => startRabbitmq(folder, authority, authorizer.port),
  authority: () => authority,
  folder: () => folder,
  keepsRetained: false,
  closesOnRefusal: true,
});
