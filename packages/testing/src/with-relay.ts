/** A broker of a fleet of its own, and clients of it. */
import type { Uuid } from '@mig/action';
import { type Broker, type BrokerOptions, connectRelay, type Relay, startBroker } from '@mig/relay';
import { createTestAuthority, type TestAuthority } from './test-authority.ts';

export interface TestRelay {
  readonly fleet: string;
  readonly authority: TestAuthority;
  readonly broker: Broker;
  /** Connects as the platform, or as an agent. Resolves once it is connected. */
  platform(): Promise<Relay>;
  agent(agentId: Uuid): Promise<Relay>;
}

/** Calls `use` with a broker on a free port of loopback; closes it and its clients afterwards. */
export async function withRelay(
  use: (relay: TestRelay) => Promise<void>,
  options: Partial<BrokerOptions> = {},
): Promise<void> {
  const fleet = 'testfleet';
  const authority = await createTestAuthority(fleet);
  const tls = { ca: authority.ca, ...(await authority.issue('broker', 'server')) };
  const broker = await startBroker({ host: '127.0.0.1', port: 0, wsPort: 0, tls, fleet, ...options });
  const relays: Relay[] = [];
  const connect = async (as: Parameters<typeof connectRelay>[0]['as'], name: string) => {
    const certificate = await authority.issue(name, as.role);
    const relay = connectRelay({ urls: [broker.url], fleet, as, tls: { ca: authority.ca, ...certificate } });
    relays.push(relay);
    await new Promise<void>((resolve) => relay.onConnection((state) => state === 'connected' && resolve()));
    return relay;
  };
  try {
    await use({
      fleet,
      authority,
      broker,
      platform: () => connect({ role: 'platform', name: 'test' }, 'platform'),
      agent: (agentId) => connect({ role: 'agent', agentId }, agentId),
    });
  } finally {
    await Promise.all(relays.map((relay) => relay.close()));
    await broker.close();
  }
}
