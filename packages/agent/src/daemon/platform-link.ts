/**
 * The agent's side of the connection to its platform: says hello on every connection, sends what was not acknowledged,
 * says that it is there, and hands what comes to the desk of commands.
 */
import type { AcknowledgementMessage, AgentIntroduction, AlertMessage, ResultMessage, Uuid } from '@mig/action';
import type { Logger } from '@mig/daemon';
import type { connectRelay } from '@mig/relay';
import type { AlertPost } from '../alerts/alert-post.ts';
import type { CommandDesk } from '../commands/desk.ts';
import { hasChanged } from '../environment/introduction.ts';
import type { Journal } from '../journal/journal.ts';
import type { Spool } from '../spool/spool.ts';

type Connection = ReturnType<typeof connectRelay>;

export interface LinkOptions {
  /** Begins a connection, with the certificate that the agent has now. */
  readonly connect: () => Connection;
  readonly agentId: Uuid;
  readonly desk: () => CommandDesk;
  readonly alerts: AlertPost;
  readonly spool: Spool;
  readonly journal: Journal;
  readonly introduce: () => AgentIntroduction;
  /** Finds out, at its own pace, what the next introduction will say. Gives whether that is something new. */
  readonly lookAround: () => Promise<boolean>;
  readonly intervals: { readonly heartbeatMs: number; readonly refreshMs: number; readonly resendMs: number };
  readonly log: Logger;
}

/** Whether there is a connection, since when, and why not. */
export interface LinkState {
  readonly state: 'connected' | 'disconnected';
  readonly since: string;
  readonly detail: string | undefined;
}

/** A connection that ends sooner is short; after so many in a row, something pushes this agent off. */
const [shortMs, mostShort] = [10_000, 3];

const pushedOff =
  'connections end as soon as they are made: another agent may have the identity of this one, by a copy of the machine or of its configuration directory; enrol one of them anew with mig-agent enrol --replace';

export class PlatformLink {
  readonly #options: LinkOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  /** When each result was sent last, in milliseconds of the process. */
  readonly #sent = new Map<string, number>();
  #introduction: AgentIntroduction;
  #relay: Connection | undefined;
  /** The connection that hello was said on. */
  #greeted: Connection | undefined;
  #state: LinkState = { state: 'disconnected', since: new Date().toISOString(), detail: undefined };
  #lastHeartbeat: Date | undefined;
  /** When the connection that stands began, in milliseconds of the process; and how many before it were short, in a row. */
  #connectedAt = 0;
  #short = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#introduction = options.introduce();
  }

  get state(): LinkState {
    return this.#state;
  }

  get lastHeartbeat(): Date | undefined {
    return this.#lastHeartbeat;
  }

  get introduction(): AgentIntroduction {
    return this.#introduction;
  }

  /** Begins to listen and to talk. */
  async start(): Promise<void> {
    const { intervals } = this.#options;
    await this.#connect();
    this.refresh();
    this.#timers.push(setInterval(() => this.#heartbeat(), intervals.heartbeatMs));
    this.#timers.push(setInterval(() => this.refresh(), intervals.refreshMs));
    this.#timers.push(setInterval(() => void this.#resend(intervals.resendMs), intervals.resendMs));
  }

  /** Connects anew, with a new certificate. */
  async reconnect(): Promise<void> {
    const old = this.#relay;
    this.#relay = undefined;
    await old?.close();
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const { connect, desk } = this.#options;
    const relay = connect();
    this.#relay = relay;
    await relay.consume(['command', 'cancel', 'acknowledgement'], async (received) => {
      if (received.kind === 'command') await desk().receive(received.message);
      else if (received.kind === 'cancel') desk().cancel(received.message);
      else this.#acknowledged(received.message);
    });
    relay.onConnection((state, detail) => {
      if (relay === this.#relay) this.#changed(state, detail);
    });
  }

  /** Sends a result that is in the spool, when there is a connection; if not, it goes out with the next one. */
  send(result: ResultMessage): void {
    if (this.#relay?.isConnected) void this.#publish(result);
  }

  /** Publishes an alert; undefined while the platform would not take one. */
  get publishAlert(): ((alert: AlertMessage) => Promise<void>) | undefined {
    const relay = this.#relay;
    if (!relay?.isConnected || relay !== this.#greeted) return undefined;
    return (alert) => relay.publish('alert', this.#options.agentId, alert);
  }

  /** Looks at the endpoint again, and tells the platform at once when something is different. */
  refresh(): void {
    this.#say();
    void this.#options.lookAround().then((isNew) => isNew && this.#say());
  }

  #say(): void {
    const introduction = this.#options.introduce();
    if (!hasChanged(this.#introduction, introduction)) return;
    this.#introduction = introduction;
    this.#options.log.info('environment changed');
    this.#heartbeat(introduction);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#relay?.close();
  }

  #changed(state: LinkState['state'], detail: string | undefined): void {
    const { log } = this.#options;
    const isSame = this.#state.state === state;
    if (!isSame) this.#noteShort(state);
    const said = [detail, this.#short >= mostShort ? pushedOff : undefined].filter((one) => one !== undefined);
    this.#state = {
      state,
      since: isSame ? this.#state.since : new Date().toISOString(),
      detail: said.length === 0 ? undefined : said.join('; '),
    };
    if (state === 'connected') {
      log.info('connected to the platform');
      void this.#greet();
    } else if (isSame) log.debug({ detail }, 'platform not reached');
    else log.warn({ detail }, 'connection to the platform lost');
  }

  /** Counts connections that were short, and says so once when there were too many. */
  #noteShort(state: LinkState['state']): void {
    const now = performance.now();
    if (state === 'connected') this.#connectedAt = now;
    else if (now - this.#connectedAt >= shortMs) this.#short = 0;
    else if (++this.#short === mostShort) this.#options.log.error({ times: this.#short }, pushedOff);
  }

  async #greet(): Promise<void> {
    const { agentId, desk, log } = this.#options;
    const relay = this.#relay;
    if (relay === undefined) return;
    this.#introduction = this.#options.introduce();
    const time = new Date().toISOString();
    const held = desk().heldIds;
    try {
      await relay.publish('hello', agentId, { session: relay.session, time, agent: this.#introduction, held });
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'hello not sent');
      return;
    }
    this.#greeted = relay;
    this.#options.alerts.connected();
    await this.#resend(0);
  }

  /** Sends, one after the other, the results that nobody has acknowledged for `afterMs`. */
  async #resend(afterMs: number): Promise<void> {
    const { spool, log } = this.#options;
    spool.rewrite();
    for (const id of spool.ids) {
      if (!this.#relay?.isConnected) return;
      if (performance.now() - (this.#sent.get(id) ?? Number.NEGATIVE_INFINITY) < afterMs || !spool.has(id)) continue;
      try {
        await this.#publish(spool.read(id));
      } catch (error) {
        log.error({ commandid: id, error: (error as Error).message }, 'result in the spool cannot be read');
      }
    }
  }

  async #publish(result: ResultMessage): Promise<void> {
    const { agentId, log } = this.#options;
    this.#sent.set(result.commandid, performance.now());
    try {
      await this.#relay?.publish('result', agentId, result);
    } catch (error) {
      log.warn({ commandid: result.commandid, error: (error as Error).message }, 'result not sent, kept for later');
    }
  }

  #acknowledged({ of, id, outcome, reason }: AcknowledgementMessage): void {
    const { spool, desk, alerts, log } = this.#options;
    if (of === 'alert') alerts.acknowledged({ of, id, outcome, ...(reason === undefined ? {} : { reason }) });
    if (of !== 'result' || !spool.has(id)) return;
    spool.remove(id);
    this.#sent.delete(id);
    if (outcome === 'refused') log.warn({ commandid: id, reason }, 'the platform refused the result');
    else log.debug({ commandid: id }, 'result acknowledged');
    if (desk().takeDeclined()) void this.#greet();
  }

  #heartbeat(agent?: AgentIntroduction): void {
    const { agentId, desk, spool } = this.#options;
    const relay = this.#relay;
    if (!relay?.isConnected) return;
    const now = new Date();
    this.#lastHeartbeat = now;
    const { session } = relay;
    const message = { session, time: now.toISOString(), running: desk().running.length, spooled: spool.ids.length };
    relay.publish('heartbeat', agentId, { ...message, ...(agent === undefined ? {} : { agent }) }).catch(() => {});
  }
}
