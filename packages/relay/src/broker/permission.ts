/** What a client may do at the broker, as a list of refusals: each gives its reason, undefined is consent. */
import { mayAgentPublish, mayAgentSubscribe, messageKinds, parseTopic } from '@mig/action';
import type { BrokerIdentity } from './identity.ts';

/**
 * Why `identity` may not connect as it wants to. The client id of an agent is its own id, so that nobody ends another's
 * session. Sessions are clean: what the broker kept for whoever is away would have no bound.
 */
export function refuseClient(
  identity: BrokerIdentity,
  { id, clean }: { readonly id: string; readonly clean: boolean },
): string | undefined {
  if (identity.role === 'agent' && id !== identity.agentId) return `client id '${id}' is not the agent's`;
  if (identity.role === 'platform' && !id.startsWith('platform')) return `client id '${id}' is an agent's`;
  if (!clean) return 'it wants a session that outlasts its connection, expected a clean one';
  return undefined;
}

/** Why `identity` may not publish `packet`. */
export function refusePublish(
  identity: BrokerIdentity,
  fleet: string,
  packet: { readonly topic: string; readonly payload: string | Buffer; readonly retain: boolean },
): string | undefined {
  const { topic, payload, retain } = packet;
  const parsed = parseTopic(topic);
  if (parsed === undefined || parsed.fleet !== fleet) return `topic '${topic}' is none of this fleet's`;
  if (identity.role === 'agent' && !mayAgentPublish({ fleet, agentId: identity.agentId }, topic)) {
    return `topic '${topic}' is not one that this agent may publish to`;
  }
  const kind = messageKinds[parsed.kind];
  if (payload.length > kind.longestBytes) return `${payload.length} bytes are more than ${kind.longestBytes}`;
  if (retain && !kind.retain) return `a ${parsed.kind} is not retained`;
  return undefined;
}

/** Why `identity` may not subscribe to `filter`. */
export function refuseSubscribe(identity: BrokerIdentity, fleet: string, filter: string): string | undefined {
  if (identity.role === 'platform') return filter.startsWith(`mig/${fleet}/`) ? undefined : `'${filter}' is too wide`;
  return mayAgentSubscribe({ fleet, agentId: identity.agentId }, filter)
    ? undefined
    : `'${filter}' is not what is said to this agent`;
}
