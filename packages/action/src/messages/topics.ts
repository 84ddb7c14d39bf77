/**
 * Where messages travel: one subtree for each agent, `mig/<fleet>/agent/<id>/…`, with `to/<kind>` for what the platform
 * says to it and `from/<kind>` for what it says. An agent may read its `to` and write its `from`, and nothing else.
 */
import { actionError } from '../errors/refusal.ts';
import { FleetName } from '../identifiers/names.ts';
import { Uuid } from '../identifiers/uuid.ts';
import { isMessageKind, type MessageKind, messageKinds } from './kinds.ts';

/** The topics of one fleet. Every function checks the id that it is given, and throws TOPIC_INVALID. */
export interface Topics {
  readonly command: (agentId: Uuid) => string;
  readonly cancel: (agentId: Uuid) => string;
  readonly acknowledgement: (agentId: Uuid) => string;
  readonly hello: (agentId: Uuid) => string;
  readonly heartbeat: (agentId: Uuid) => string;
  readonly presence: (agentId: Uuid) => string;
  readonly result: (agentId: Uuid) => string;
  readonly alert: (agentId: Uuid) => string;
  /** What an agent subscribes to: everything that is said to it. */
  readonly toAgent: (agentId: Uuid) => string;
  /** What the platform subscribes to for one kind: what any agent says. */
  readonly fromAnyAgent: (kind: MessageKind) => string;
}

/** Gives the topics of `fleet`. Throws TOPIC_INVALID when that is no name of a fleet. */
export function topicsOf(fleet: string): Topics {
  if (!FleetName.safeParse(fleet).success) {
    throw actionError('TOPIC_INVALID', { what: 'fleet', value: fleet, expected: "a name of a-z, 0-9, '.', '_', '-'" });
  }
  const topic = (kind: MessageKind) => (agentId: Uuid) =>
    `mig/${fleet}/agent/${checked(agentId)}/${messageKinds[kind].direction}/${kind}`;
  return {
    command: topic('command'),
    cancel: topic('cancel'),
    acknowledgement: topic('acknowledgement'),
    hello: topic('hello'),
    heartbeat: topic('heartbeat'),
    presence: topic('presence'),
    result: topic('result'),
    alert: topic('alert'),
    toAgent: (agentId) => `mig/${fleet}/agent/${checked(agentId)}/to/+`,
    fromAnyAgent: (kind) => `mig/${fleet}/agent/+/from/${kind}`,
  };
}

/** What a topic says: whose it is, and which kind of message it carries. */
export interface ParsedTopic {
  readonly fleet: FleetName;
  readonly agentId: Uuid;
  readonly kind: MessageKind;
}

/** Reads a topic (no filter). Returns undefined when it is none of ours, or of a kind in the wrong direction. */
export function parseTopic(topic: string): ParsedTopic | undefined {
  const [mig, fleet = '', agent, agentId = '', direction, kind = '', ...rest] = topic.split('/');
  if (mig !== 'mig' || agent !== 'agent' || rest.length > 0) return undefined;
  if (!FleetName.safeParse(fleet).success || !Uuid.safeParse(agentId).success) return undefined;
  if (!isMessageKind(kind) || messageKinds[kind].direction !== direction) return undefined;
  return { fleet, agentId, kind };
}

/** Whether the agent `agentId` of `fleet` may publish to `topic`: what it says itself, of a kind that there is. */
export function mayAgentPublish({ fleet, agentId }: AgentPlace, topic: string): boolean {
  const parsed = parseTopic(topic);
  if (parsed === undefined || parsed.fleet !== fleet || parsed.agentId !== agentId) return false;
  return messageKinds[parsed.kind].direction === 'from';
}

/** Whether the agent may subscribe to `filter`: what is said to it, all of it or one kind. No other filter is allowed. */
export function mayAgentSubscribe({ fleet, agentId }: AgentPlace, filter: string): boolean {
  const prefix = `mig/${fleet}/agent/${agentId}/to/`;
  if (!filter.startsWith(prefix)) return false;
  const kind = filter.slice(prefix.length);
  return kind === '+' || kind === '#' || (isMessageKind(kind) && messageKinds[kind].direction === 'to');
}

/** Which agent of which fleet, as its certificate says. */
export interface AgentPlace {
  readonly fleet: FleetName;
  readonly agentId: Uuid;
}

function checked(agentId: string): Uuid {
  const parsed = Uuid.safeParse(agentId);
  if (parsed.success) return parsed.data;
  throw actionError('TOPIC_INVALID', { what: "agent's id", value: agentId, expected: 'a UUID of version 7' });
}
