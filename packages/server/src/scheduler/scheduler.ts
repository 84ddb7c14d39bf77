/**
 * The scheduler: gives agents the commands that they are owed, takes their results, ends what is over. It keeps nothing
 * that the database does not hold: it can be killed at any moment and started again.
 */
import type { AcknowledgementMessage, AlertMessage, ResultMessage, Uuid } from '@mig/action';
import type { Received, Relay } from '@mig/relay';
import { RefusalNotes } from '../audit/refusal-notes.ts';
import { storeAlerts } from '../database/alerts.ts';
import { expireCommands, openActions, type ResultOutcome, storeResults } from '../database/commands.ts';
import type { Database } from '../database/open-database.ts';
import { ageAgents, everybodyWentAway, unmarkCopied } from '../database/presence.ts';
import { Arrivals } from './arrivals.ts';
import { Batch } from './batch.ts';
import { Dispatcher } from './dispatcher.ts';
import { RollCall } from './roll-call.ts';

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

/** Between looks for agents that went silent, at least: they are silent for minutes, and a look reads all agents. */
const ageingMs = 10_000;

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

interface TakenAlert {
  readonly agentid: Uuid;
  readonly alert: AlertMessage;
}

class RunningScheduler implements Scheduler {
  readonly #options: SchedulerOptions;
  readonly #settings: SchedulerSettings;
  readonly #dispatcher: Dispatcher;
  readonly #results: Batch<TakenResult>;
  readonly #alerts: Batch<TakenAlert>;
  readonly #rollCall: RollCall;
  readonly #arrivals: Arrivals;
  readonly #refusals: RefusalNotes;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #lastAgeing = Number.NEGATIVE_INFINITY;
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
      refuse: (alert, reason) => this.#refuseAlerts([alert], `it cannot be stored: ${reason}`),
      log,
    });
    const { db } = options.database;
    this.#refusals = new RefusalNotes(db);
    this.#rollCall = new RollCall({ db, greet: (comers) => this.#dispatcher.greet(comers), log });
    this.#arrivals = new Arrivals(
      db,
      (ids) => this.#dispatcher.greet(ids.map((agentid) => ({ agentid, held: [] }))),
      log,
    );
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
    await Promise.all([this.#results, this.#alerts, this.#rollCall].map((batch) => batch.close()));
    await this.#refusals.flush(true).catch((error: Error) => this.#options.log(`refusals: ${error.message}`));
  }

  async #take(received: Received): Promise<void> {
    // Another scheduler has its turn now. Whatever matters is said again until it is acknowledged.
    if (this.#isClosed) return;
    const { agentId, kind, message } = received;
    switch (kind) {
      case 'hello':
        this.#arrivals.heard(agentId, message.session);
        return this.#rollCall.hello(agentId, message);
      case 'presence':
        this.#arrivals.note(agentId, message);
        return this.#rollCall.presence(agentId, message);
      case 'heartbeat':
        return this.#rollCall.heartbeat(agentId, message);
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
    this.#acknowledge(
      outcomes.map(({ agentid, commandid, outcome, reason }) => ({
        agentid,
        message: { of: 'result', id: commandid, outcome, ...(reason === undefined ? {} : { reason }) },
      })),
    );
    const refused = outcomes.filter(({ outcome }) => outcome === 'refused');
    await this.#refusals.note(
      refused.map(({ agentid, commandid, reason }) => ({ agentid, of: 'result', id: commandid, reason })),
    );
  }

  /** Does not wait for the broker, as no handler of the relay may. Who is not told asks again. */
  #acknowledge(all: readonly { readonly agentid: Uuid; readonly message: AcknowledgementMessage }[]): void {
    const { relay, log } = this.#options;
    const told = all.map(({ agentid, message }) => relay.publish('acknowledgement', agentid, message));
    void Promise.allSettled(told).then((ends) => {
      const lost = ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as Error).message] : []));
      if (lost.length > 0) log(`${lost.length} acknowledgements: ${lost[0]}`);
    });
  }

  async #storeAlerts(taken: readonly TakenAlert[]): Promise<void> {
    const unknown = await storeAlerts(this.#options.database.db, taken);
    const isStored = ({ agentid }: TakenAlert) => !unknown.has(agentid);
    await this.#refuseAlerts(
      taken.filter((one) => !isStored(one)),
      'the platform does not know this agent',
    );
    this.#acknowledge(
      taken
        .filter(isStored)
        .map(({ agentid, alert }) => ({ agentid, message: { of: 'alert', id: alert.id, outcome: 'stored' } })),
    );
  }

  async #refuseAlerts(refused: readonly TakenAlert[], reason: string): Promise<void> {
    if (refused.length === 0) return;
    await this.#refusals.note(refused.map(({ agentid, alert: { id } }) => ({ agentid, of: 'alert', id, reason })));
    this.#acknowledge(
      refused.map(({ agentid, alert: { id } }) => ({
        agentid,
        message: { of: 'alert', id, outcome: 'refused', reason },
      })),
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
      await this.#refusals.flush();
      if (performance.now() - this.#lastAgeing >= ageingMs) {
        this.#lastAgeing = performance.now();
        await ageAgents(database.db, idleMinutes, offlineMinutes);
        await unmarkCopied(database.db);
      }
      // What was not sent for a failure of the relay or the database is tried again.
      this.#dispatcher.wake();
    } catch (error) {
      log(`scheduler: ${(error as Error).message}`);
    }
  }
}
