/**
 * The scheduler: gives agents the commands that they are owed, takes their results, ends what is over. It keeps nothing
 * that the database does not hold: it can be killed at any moment and started again.
 */
import type { AlertMessage, HeartbeatMessage, ResultMessage, Uuid } from '@mig/action';
import type { Received, Relay } from '@mig/relay';
import { appendAudit } from '../audit/audit-log.ts';
import { ageAgents, agentSaidHello, agentsAreAlive, agentWentAway, everybodyWentAway } from '../database/agents.ts';
import { storeAlerts } from '../database/alerts.ts';
import { expireCommands, openActions, type ResultOutcome, storeResults } from '../database/commands.ts';
import type { Database } from '../database/open-database.ts';
import { Arrivals } from './arrivals.ts';
import { Batch } from './batch.ts';
import { Dispatcher } from './dispatcher.ts';

export interface SchedulerOptions {
  readonly database: Database;
  readonly relay: Relay;
  readonly log: (message: string) => void;
  readonly settings?: Partial<SchedulerSettings>;
}

export interface SchedulerSettings {
  /** Between looks at the clock: expiry, windows that open, agents that went silent. In milliseconds. */
  readonly tickMs: number;
  /** How long after its window a command that was sent may still be answered. */
  readonly graceSeconds: number;
  readonly idleMinutes: number;
  readonly offlineMinutes: number;
}

const defaults: SchedulerSettings = { tickMs: 1_000, graceSeconds: 300, idleMinutes: 5, offlineMinutes: 60 };

export interface Scheduler {
  /** Finishes what is under way, and stops. */
  close(): Promise<void>;
}

/** Starts to consume and to dispatch; resolves once both are under way. */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const scheduler = new RunningScheduler(options);
  await scheduler.start();
  return scheduler;
}

interface TakenResult {
  readonly agentid: Uuid;
  readonly result: ResultMessage;
}

class RunningScheduler implements Scheduler {
  readonly #options: SchedulerOptions;
  readonly #settings: SchedulerSettings;
  readonly #dispatcher: Dispatcher;
  readonly #results: Batch<TakenResult>;
  readonly #alerts: Batch<{ readonly agentid: Uuid; readonly alert: AlertMessage }>;
  readonly #heartbeats: Batch<readonly [Uuid, HeartbeatMessage]>;
  readonly #arrivals: Arrivals;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #isClosed = false;
  #stops: (() => void)[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#settings = { ...defaults, ...options.settings };
    this.#dispatcher = new Dispatcher(options);
    const { log } = options;
    this.#results = new Batch({
      write: (taken) => this.#store(taken),
      refuse: ({ agentid, result: { commandid } }, reason) =>
        this.#answer([{ agentid, commandid, outcome: 'refused', reason: `it cannot be stored: ${reason}` }]),
      log,
    });
    this.#alerts = new Batch({
      write: (taken) => this.#storeAlerts(taken),
      refuse: ({ agentid, alert }, reason) =>
        options.relay.publish('acknowledgement', agentid, {
          of: 'alert',
          id: alert.id,
          outcome: 'refused',
          reason: `it cannot be stored: ${reason}`,
        }),
      log,
    });
    this.#arrivals = new Arrivals(options.database.db, (id) => this.#dispatcher.greet(id, []), log);
    this.#heartbeats = new Batch({
      write: (taken) => agentsAreAlive(options.database.db, new Map(taken)),
      refuse: async ([agentid], reason) => log(`heartbeat of agent ${agentid}: ${reason}`),
      log,
    });
  }

  async start(): Promise<void> {
    const { database, relay } = this.#options;
    await everybodyWentAway(database.db);
    this.#stops.push(await database.listen('mig_dispatch', () => this.#dispatcher.wake()));
    await relay.consume(['hello', 'heartbeat', 'presence', 'result', 'alert'], (received) => this.#take(received));
    this.#stops.push(relay.onConnection((state) => state === 'connected' && this.#dispatcher.wake()));
    this.#schedule(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#arrivals.close();
    for (const stop of this.#stops) stop();
    await this.#tick;
    await this.#dispatcher.close();
    await Promise.all([this.#results, this.#alerts, this.#heartbeats].map((batch) => batch.close()));
  }

  async #take(received: Received): Promise<void> {
    // Another scheduler has its turn now. Whatever matters is said again until it is acknowledged.
    if (this.#isClosed) return;
    const { agentId, kind, message } = received;
    const { db } = this.#options.database;
    switch (kind) {
      case 'hello': {
        const isKnown = await agentSaidHello(db, agentId, message.session, message.agent);
        if (isKnown) await this.#dispatcher.greet(agentId, message.held);
        else this.#options.log(`hello of agent ${agentId}, which is none of the fleet's`);
        return;
      }
      case 'presence':
        this.#arrivals.note(agentId, message);
        if (!message.online) await agentWentAway(db, agentId, message.session);
        return;
      case 'heartbeat':
        return this.#heartbeats.add([agentId, message]);
      case 'result':
        return this.#results.add({ agentid: agentId, result: message });
      case 'alert':
        return this.#alerts.add({ agentid: agentId, alert: message });
    }
  }

  async #store(taken: readonly TakenResult[]): Promise<void> {
    // The transaction is committed when this returns: only then may the agents forget.
    await this.#answer(await storeResults(this.#options.database.db, taken));
  }

  /** Tells agents what became of their results, and notes what was refused. */
  async #answer(outcomes: readonly ResultOutcome[]): Promise<void> {
    const { relay } = this.#options;
    await Promise.all(
      outcomes.map(({ agentid, commandid, outcome, reason }) =>
        relay.publish('acknowledgement', agentid, {
          of: 'result',
          id: commandid,
          outcome,
          ...(reason === undefined ? {} : { reason }),
        }),
      ),
    );
    for (const refused of outcomes.filter(({ outcome }) => outcome === 'refused')) await this.#auditRefusal(refused);
  }

  async #auditRefusal({ agentid, commandid, reason }: ResultOutcome): Promise<void> {
    const details = { commandid, reason };
    await appendAudit(this.#options.database.db, {
      actor: `agent ${agentid}`,
      event: 'result refused',
      subject: commandid,
      details,
    });
  }

  async #storeAlerts(taken: readonly { readonly agentid: Uuid; readonly alert: AlertMessage }[]): Promise<void> {
    const { database, relay } = this.#options;
    await storeAlerts(database.db, taken);
    await Promise.all(
      taken.map(({ agentid, alert }) =>
        relay.publish('acknowledgement', agentid, { of: 'alert', id: alert.id, outcome: 'stored' }),
      ),
    );
  }

  #schedule(ms: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#tick = this.#lookAtClock().finally(() => this.#schedule(this.#settings.tickMs));
    }, ms);
  }

  async #lookAtClock(): Promise<void> {
    const { database, log } = this.#options;
    const { graceSeconds, idleMinutes, offlineMinutes } = this.#settings;
    try {
      await openActions(database.db);
      await expireCommands(database.db, graceSeconds);
      await ageAgents(database.db, idleMinutes, offlineMinutes);
      // What was not sent for a failure of the relay or the database is tried again.
      this.#dispatcher.wake();
    } catch (error) {
      log(`scheduler: ${(error as Error).message}`);
    }
  }
}
