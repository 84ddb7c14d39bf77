/**
 * Sends commands, one look after the other: all that is owed to agents that have just come, then what is pending for
 * agents that are there.
 */
import type { Uuid } from '@mig/action';
import type { Relay } from '@mig/relay';
import { findEnvelopes } from '../database/actions.ts';
import {
  type Comer,
  cancelledCommands,
  markSent,
  type Owed,
  owedCommands,
  pendingCommands,
} from '../database/commands.ts';
import type { Database } from '../database/open-database.ts';

/** Commands that are read and marked at a time. */
const mostAtOnce = 1_000;
/** Agents that are greeted at a time. */
const mostComers = 500;

export interface DispatcherOptions {
  readonly database: Database;
  readonly relay: Relay;
  readonly log: (message: string) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** What agents that have come hold; they are not greeted yet. */
  #comers = new Map<Uuid, readonly Uuid[]>();
  #running: Promise<unknown> | undefined;
  #isWanted = false;
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Looks for what is pending: now, or once more after the look that is under way. */
  wake(): void {
    this.#isWanted = true;
    this.#begin();
  }

  /**
   * Sends agents that have come what they are owed and do not hold, and tells them what was cancelled meanwhile: soon, and
   * again after a failure. Who waits for that to happen may not be a handler of the relay: see Relay.consume.
   */
  greet(comers: readonly Comer[]): void {
    for (const { agentid, held } of comers) this.#comers.set(agentid, held);
    this.#begin();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  #begin(): void {
    const isNeeded = this.#isWanted || this.#comers.size > 0;
    if (!isNeeded || this.#isClosed || !this.#options.relay.isConnected) return;
    this.#running ??= this.#run().then((isDone) => {
      this.#running = undefined;
      if (isDone) this.#begin();
    });
  }

  /** Gives false after a failure: then it is tried again at the next wake. */
  async #run(): Promise<boolean> {
    const { database, log } = this.#options;
    try {
      await this.#greetAll();
      while (this.#isWanted && !this.#isClosed) {
        this.#isWanted = false;
        const pending = await pendingCommands(database.db, mostAtOnce);
        await this.#send(pending);
        if (pending.length === mostAtOnce) this.#isWanted = true;
        await this.#greetAll();
      }
      return true;
    } catch (error) {
      log(`dispatch: ${(error as Error).message}`);
      return false;
    }
  }

  async #greetAll(): Promise<void> {
    while (this.#comers.size > 0 && !this.#isClosed) {
      const comers = [...this.#comers].slice(0, mostComers).map(([agentid, held]) => ({ agentid, held }));
      for (const { agentid } of comers) this.#comers.delete(agentid);
      try {
        await this.#greet(comers);
      } catch (error) {
        // Whoever has come again since then holds what it says now.
        for (const { agentid, held } of comers) if (!this.#comers.has(agentid)) this.#comers.set(agentid, held);
        throw error;
      }
    }
  }

  async #greet(comers: readonly Comer[]): Promise<void> {
    const { database, relay } = this.#options;
    const ids = comers.map(({ agentid }) => agentid);
    const senttime = new Date().toISOString();
    const cancelled = await cancelledCommands(database.db, ids);
    await Promise.all(
      cancelled.map(({ id, actionid, agentid, reason }) =>
        relay.publish('cancel', agentid, { commandid: id, actionid, reason, senttime }),
      ),
    );
    for (let after: Owed | undefined, isMore = true; isMore; ) {
      const owed = await owedCommands(database.db, comers, { after, limit: mostAtOnce });
      await this.#send(owed);
      after = owed.at(-1);
      isMore = owed.length === mostAtOnce;
    }
  }

  async #send(owed: readonly Owed[]): Promise<void> {
    if (owed.length === 0) return;
    const { database, relay } = this.#options;
    const envelopes = await findEnvelopes(database.db, [...new Set(owed.map(({ actionid }) => actionid))]);
    const senttime = new Date().toISOString();
    await Promise.all(
      owed.map(({ id, actionid, agentid }) =>
        relay.publish('command', agentid, {
          commandid: id,
          actionid,
          envelope: envelopes.get(actionid)!,
          senttime,
        }),
      ),
    );
    // A crash before this line sends them again: agents recognise a command that they have.
    await markSent(
      database.db,
      owed.map(({ id }) => id),
    );
  }
}
