/**
 * Messages between platform and agents over MQTT 3.1.1: the only room that knows it.
 *
 * It answers: how does a message of @mig/action get from one side to the other, and who may send it? It opens
 * connections and, where asked, a broker of its own. It keeps nothing on disk: the database of the platform and the
 * spool of the agent do, so that neither depends on what a broker remembers.
 */
export { type BrokerIdentity, identityOf } from './broker/identity.ts';
export { type Broker, type BrokerOptions, startBroker } from './broker/start-broker.ts';
export { connectRelay, type RelayOptions } from './connection/connect-relay.ts';
export { type Authorizer, startAuthorizer } from './rabbitmq/start-authorizer.ts';
export type { ConnectionListener, Received, Relay } from './relay.ts';
