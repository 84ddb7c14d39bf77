/**
 * What RabbitMQ asks its backend over HTTP before it lets a client do something, answered as a list of refusals: each
 * gives its reason, undefined is consent. The questions and their fields are those of rabbitmq_auth_backend_http
 * (https://github.com/rabbitmq/rabbitmq-server/tree/main/deps/rabbitmq_auth_backend_http), as the MQTT plugin puts them:
 * the user is the common name of a certificate, and a topic is a routing key of the exchange amq.topic, with dots for
 * slashes.
 */
import { mayAgentPublish, mayAgentSubscribe, messageKinds, topicsOf, Uuid } from '@mig/action';
import type { BrokerIdentity } from '../broker/identity.ts';
import { refuseClient } from '../broker/permission.ts';

/** The fields of a question; what it does not ask for is missing. */
export type Question = Readonly<Record<string, string>>;

/** The common name that the certificate of the platform carries. */
const platformName = 'platform';

/** Who the user of a question is; undefined when it is nobody of a fleet. */
export function userOf({ username = '' }: Question): BrokerIdentity | undefined {
  if (username === platformName) return { role: 'platform' };
  const agentId = Uuid.safeParse(username);
  return agentId.success ? { role: 'agent', agentId: agentId.data } : undefined;
}

/** Why `identity` may not do what `question`, asked at `path`, is about. */
export function refuseQuestion(
  identity: BrokerIdentity,
  fleet: string,
  path: string,
  question: Question,
): string | undefined {
  switch (path) {
    case '/user':
      return undefined; // RabbitMQ checked its certificate.
    case '/vhost':
      return refuseClient(identity, { id: question['client_id'] ?? '', clean: true });
    case '/resource':
      return refuseResource(identity, question);
    case '/topic':
      return refuseTopic(identity, fleet, question);
    default:
      return `'${path}' is no question that is known`;
  }
}

const exchange = 'amq.topic';

/** The exchange that all messages go through, and the queue that RabbitMQ makes for the subscriptions of a client. */
function refuseResource(
  identity: BrokerIdentity,
  { resource = '', name = '', permission = '', client_id: id = '' }: Question,
): string | undefined {
  const refused = refuseClient(identity, { id, clean: true });
  if (refused !== undefined) return refused;
  if (resource === 'exchange' && name === exchange && permission !== 'configure') return undefined;
  if (resource === 'queue' && queuesOf(id).includes(name)) return undefined;
  return `${resource} '${name}' is not one that it has a use for`;
}

const queuesOf = (id: string) => [0, 1].map((qos) => `mqtt-subscription-${id}qos${qos}`);

function refuseTopic(
  identity: BrokerIdentity,
  fleet: string,
  { name = '', permission = '', routing_key: key = '' }: Question,
): string | undefined {
  if (name !== exchange) return `exchange '${name}' is not ${exchange}`;
  if (identity.role === 'platform') return key.startsWith(`mig.${fleet}.`) ? undefined : `'${key}' is too wide`;
  const { agentId } = identity;
  const topics = topicsOf(fleet);
  const own = Object.keys(messageKinds).map((kind) => topics[kind as keyof typeof messageKinds](agentId));
  const filters = [...own, topics.toAgent(agentId), topics.toAgent(agentId).replace(/\+$/, '#')];
  const place = { fleet, agentId };
  const allowed =
    permission === 'write'
      ? own.filter((topic) => mayAgentPublish(place, topic))
      : permission === 'read'
        ? filters.filter((filter) => mayAgentSubscribe(place, filter))
        : [];
  return allowed.map(asKey).includes(key) ? undefined : `'${key}' is not one that this agent may ${permission}`;
}

/** A topic or filter of MQTT as RabbitMQ writes it. */
function asKey(topic: string): string {
  return topic.replaceAll('/', '.').replaceAll('+', '*');
}
