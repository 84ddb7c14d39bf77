/** A connection to the relay, as platform and agent use it. */
import type { MessageKind, MessageOf, Uuid } from '@mig/action';

/** A message that came, with the agent that it is from or for, as its topic says. */
export type Received<Kind extends MessageKind = MessageKind> = {
  [K in Kind]: { readonly kind: K; readonly agentId: Uuid; readonly message: MessageOf<K> };
}[Kind];

/** Hears of connections made and lost; `detail` says why one was lost, or could not be made. */
export type ConnectionListener = (state: 'connected' | 'disconnected', detail?: string) => void;

export interface Relay {
  readonly isConnected: boolean;
  /** The agent that this is the connection of; undefined for the platform's. */
  readonly agentId: Uuid | undefined;
  /** New for each connection: hello and presence carry it. */
  readonly session: Uuid;
  /**
   * Publishes `message`; resolves once the broker has it (at once for heartbeats, which may be lost). While there is no
   * connection it waits for one. Rejects when too many wait already, or the relay is closed; results and alerts also when
   * the connection ends first, since whoever sends them repeats them until the platform has acknowledged them.
   */
  publish<Kind extends MessageKind>(kind: Kind, agentId: Uuid, message: MessageOf<Kind>): Promise<void>;
  /**
   * Takes messages of `kinds`: those of the one agent, or of all when this is the platform's connection. `handler` is
   * called for the next one before it has resolved, until 1,024 messages or 64 MiB of them are being handled; then the
   * broker has to wait. What `handler` rejects is logged: that a message has come is told to the broker, that it was
   * handled is for the two sides to tell each other. A handler must not wait for `publish`: the broker's word that it has
   * a message comes behind the messages that wait to be handled, so that both would wait for each other. Resolves when
   * the subscription stands; it is made anew on every connection.
   */
  consume<Kind extends MessageKind>(
    kinds: readonly Kind[],
    handler: (received: Received<Kind>) => Promise<void>,
  ): Promise<void>;
  /** Calls `listener` at each change, and at once when there is a connection. Gives the way to stop that. */
  onConnection(listener: ConnectionListener): () => void;
  /** Publishes what it can, and disconnects; the broker does not publish the last will. */
  close(): Promise<void>;
}
