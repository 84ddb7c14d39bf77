/**
 * The connection to a broker: kept up, with the last will that tells the platform when an agent is gone.
 *
 * Sessions are clean: what the broker would remember, the platform's database and the agent's spool remember better.
 * Whoever sends something that matters repeats it until the other side has acknowledged it with a message of its own.
 */
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createUuid,
  decodeMessage,
  encodeMessage,
  type MessageKind,
  type MessageOf,
  messageKinds,
  parseTopic,
  type Topics,
  topicsOf,
  type Uuid,
} from '@mig/action';
import { type IPublishPacket, MqttClient } from 'mqtt';
import type { ConnectionListener, Received, Relay } from '../relay.ts';
import { BackOff } from './back-off.ts';
import { type ClientTls, dial } from './dial.ts';

export interface RelayOptions {
  /** `mqtts://host:port` or `wss://host:port/path`: tried in turn. */
  readonly urls: readonly string[];
  readonly fleet: string;
  /** Who this is. An agent connects under its id and hears what is said to it; the platform hears everybody. */
  readonly as:
    | { readonly role: 'agent'; readonly agentId: Uuid }
    | { readonly role: 'platform'; readonly name: string };
  readonly tls: ClientTls;
  /** For brokers that want them. */
  readonly username?: string;
  readonly password?: string;
  /** `http://[user:password@]host:port` of a proxy. */
  readonly proxy?: string;
  /** Hears of what could not be read or handled. */
  readonly log?: (message: string) => void;
}

/** Messages that may wait for a connection, or for the broker. */
const mostWaiting = 20_000;
/** Messages, and bytes of them, that may be handled at a time; beyond it the broker has to wait. */
const mostHandled = 1_024;
const mostHandledBytes = 64 * 1024 * 1024;
const keepAliveSeconds = 30;
/** How long a broker may take to hear that this side leaves. */
const partingMs = 2_000;

/** Begins to connect, and goes on until `close`. Gives the relay at once: `onConnection` tells when it stands. */
export function connectRelay(options: RelayOptions): Relay {
  if (options.urls.length === 0) throw new Error('relay: expected at least one url, got none');
  const connection = new Connection(options);
  connection.start();
  return connection;
}

class Connection implements Relay {
  session: Uuid = createUuid();
  readonly #options: RelayOptions;
  readonly #topics: Topics;
  readonly #client: MqttClient;
  readonly #backOff = new BackOff();
  readonly #listeners = new Set<ConnectionListener>();
  readonly #handlers = new Map<MessageKind, (received: Received) => Promise<void>>();
  #stream: Duplex | undefined;
  #attempts = 0;
  /** When the connection that stands began, in milliseconds of the process. */
  #began: number | undefined;
  #waiting = 0;
  #handled = 0;
  #handledBytes = 0;
  #held: (() => void)[] = [];
  #isClosing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#topics = topicsOf(options.fleet);
    const { as, username, password } = options;
    this.#client = new MqttClient(() => this.#stream as never, {
      clientId: as.role === 'agent' ? as.agentId : `platform-${as.name}-${createUuid()}`,
      protocolVersion: 4,
      clean: true,
      keepalive: keepAliveSeconds,
      reconnectPeriod: 0,
      resubscribe: false,
      manualConnect: true,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    });
    this.#client.on('connect', () => void this.#begin());
    this.#client.on('error', (error) => this.#tell('disconnected', error.message));
    this.#client.on('close', () => {
      this.#leaveToSender();
      if (this.#began !== undefined) this.#backOff.lasted(performance.now() - this.#began);
      this.#began = undefined;
      this.#retry('the connection was closed');
    });
    this.#client.handleMessage = (packet, done) => this.#receive(packet, done);
  }

  get agentId(): Uuid | undefined {
    const { as } = this.#options;
    return as.role === 'agent' ? as.agentId : undefined;
  }

  get isConnected(): boolean {
    return this.#client.connected;
  }

  start(): void {
    void this.#connect();
  }

  async publish<Kind extends MessageKind>(kind: Kind, agentId: Uuid, message: MessageOf<Kind>): Promise<void> {
    if (this.#isClosing) throw new Error('relay: it was closed');
    if (this.#waiting >= mostWaiting) throw new Error(`relay: ${mostWaiting} messages wait already for the broker`);
    const { qos, retain } = messageKinds[kind];
    if (qos === 0 && !this.isConnected) return;
    const bytes = Buffer.from(encodeMessage(kind, message).buffer);
    this.#waiting++;
    try {
      await this.#client.publishAsync(this.#topics[kind](agentId), bytes, { qos, retain });
    } finally {
      this.#waiting--;
    }
  }

  async consume<Kind extends MessageKind>(
    kinds: readonly Kind[],
    handler: (received: Received<Kind>) => Promise<void>,
  ): Promise<void> {
    for (const kind of kinds) this.#handlers.set(kind, handler as (received: Received) => Promise<void>);
    if (this.isConnected) await this.#subscribe(kinds);
  }

  onConnection(listener: ConnectionListener): () => void {
    this.#listeners.add(listener);
    if (this.isConnected) listener('connected');
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const { as } = this.#options;
    if (this.isConnected && as.role === 'agent') {
      // MQTT publishes no will after a proper end, so the end is told in its stead.
      const topic = this.#topics.presence(as.agentId);
      await soon(this.#client.publishAsync(topic, this.#presence(false), { qos: 1, retain: true }));
    }
    // Without a connection there is nobody to wait for; without a stream, nothing that could be ended.
    if (this.isConnected) await soon(this.#client.endAsync());
    if (!this.#client.disconnected && this.#client.stream !== undefined) this.#client.end(true);
    this.#stream?.destroy();
  }

  async #connect(): Promise<void> {
    const { urls, tls, proxy, as } = this.#options;
    const url = urls[this.#attempts++ % urls.length]!;
    try {
      this.#stream = await dial(url, tls, proxy);
    } catch (error) {
      this.#retry((error as Error).message);
      return;
    }
    if (this.#isClosing) {
      this.#stream.destroy();
      return;
    }
    this.session = createUuid();
    if (as.role === 'agent') {
      const topic = this.#topics.presence(as.agentId);
      this.#client.options.will = { topic, payload: this.#presence(false), qos: 1, retain: true };
    }
    this.#client.connect();
  }

  async #begin(): Promise<void> {
    const { as, log = () => {} } = this.#options;
    this.#began = performance.now();
    try {
      await this.#subscribe([...this.#handlers.keys()]);
      if (as.role === 'agent') {
        const topic = this.#topics.presence(as.agentId);
        await this.#client.publishAsync(topic, this.#presence(true), { qos: 1, retain: true });
      }
      this.#tell('connected');
    } catch (error) {
      log(`relay: ${(error as Error).message}`);
      this.#stream?.destroy();
    }
  }

  async #subscribe(kinds: readonly MessageKind[]): Promise<void> {
    const { as } = this.#options;
    const filters = kinds.map((kind) => {
      if (as.role === 'platform') return this.#topics.fromAnyAgent(kind);
      return this.#topics[kind](as.agentId);
    });
    if (filters.length === 0) return;
    const granted = await this.#client.subscribeAsync(filters, { qos: 1 });
    const refused = granted.find(({ qos }) => qos === 128);
    if (refused !== undefined) throw new Error(`the broker refused the subscription to ${refused.topic}`);
  }

  #presence(online: boolean): Buffer {
    const message = { online, session: this.session, time: new Date().toISOString() };
    return Buffer.from(encodeMessage('presence', message).buffer);
  }

  /**
   * Forgets results and alerts that the broker has not taken when a connection ends: their publishing rejects. Whoever
   * sent them sends all again, in order, on the next connection; the client would put some of them before the others.
   */
  #leaveToSender(): void {
    for (const messageId of Object.keys(this.#client.outgoing).map(Number)) {
      this.#client.outgoingStore.get({ messageId }, (_, packet) => {
        const kind = packet?.cmd === 'publish' ? parseTopic(packet.topic)?.kind : undefined;
        if (kind === 'result' || kind === 'alert') this.#client.removeOutgoingMessage(messageId);
      });
    }
  }

  #retry(reason: string): void {
    if (this.#isClosing) return;
    this.#tell('disconnected', reason);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), this.#backOff.next());
  }

  #tell(state: 'connected' | 'disconnected', detail?: string): void {
    for (const listener of this.#listeners) listener(state, detail);
  }

  /** Takes a packet. `done` acknowledges it and lets the next one in: late, when too many are being handled. */
  #receive(packet: IPublishPacket, done: () => void): void {
    const { log = () => {} } = this.#options;
    const bytes = packet.payload.length;
    this.#handled++;
    this.#handledBytes += bytes;
    void this.#handle(packet)
      .catch((error: unknown) => log(`relay: ${packet.topic}: ${(error as Error).message}`))
      .finally(() => {
        this.#handled--;
        this.#handledBytes -= bytes;
        this.#held.shift()?.();
      });
    if (this.#handled < mostHandled && this.#handledBytes < mostHandledBytes) done();
    else this.#held.push(done);
  }

  async #handle({ topic, payload }: IPublishPacket): Promise<void> {
    const parsed = parseTopic(topic);
    if (parsed === undefined || parsed.fleet !== this.#options.fleet) throw new Error('no topic of this fleet');
    const { kind, agentId } = parsed;
    const handler = this.#handlers.get(kind);
    if (handler === undefined) return;
    const message = decodeMessage(kind, payload as Buffer);
    await handler({ kind, agentId, message } as Received);
  }
}

/** Resolves with `work`, whatever becomes of it, and without it when it takes too long. */
async function soon(work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([work.catch(() => {}), sleep(partingMs, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}
