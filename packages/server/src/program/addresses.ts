/** Under which addresses the relay is reached. */

import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Broker } from '@mig/relay';
import type { Settings } from '../settings/settings.ts';

/** What agents are told at enrolment: what the configuration says, or the embedded broker under the server's names. */
export function addressesForAgents(settings: Settings, own: Broker | undefined): readonly string[] {
  const { agenturls, urls } = settings.relay;
  if (agenturls.length > 0) return agenturls;
  if (urls.length > 0) return urls;
  return own === undefined ? [] : relayAddresses(settings, own);
}

/** The embedded broker under each name: MQTT first, then WebSocket for networks that let only that through. */
export function relayAddresses({ names, relay }: Settings, own: Broker): readonly string[] {
  const known = isLoopback(relay.host) ? [relay.host] : names.length > 0 ? names : [hostname()];
  const hosts = known.map((name) => (isIPv6(name) ? `[${name}]` : name));
  const webSockets = own.wsPort === undefined ? [] : hosts.map((host) => `wss://${host}:${own.wsPort}`);
  return [...hosts.map((host) => `mqtts://${host}:${own.port}`), ...webSockets];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
