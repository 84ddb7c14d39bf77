/** Sends commands: what is pending for agents that are there, and all that is owed to one that has just come. */
import type { Uuid } from '@mig/action';
import type { Relay } from '@mig/relay';
import { findEnvelopes } from '../database/actions.ts';
import { cancelledCommands, markSent, type Owed, owedCommands } from '../database/commands.ts';
import type { Database } from '../database/open-database.ts';

/** Commands that are read and marked at a time. */
const mostAtOnce = 1_000;

export interface DispatcherOptions {
  readonly database: Database;
  readonly relay: Relay;
  readonly log: (message: string) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Looks for pending commands: now, or once more after the look that is under way. */
  wake(): void {
    this.#isWanted = true;
    if (this.#isClosed || !this.#options.relay.isConnected) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isWanted) this.wake();
    });
  }

  /** Sends an agent that has come what it is owed and does not hold, and tells it what was cancelled meanwhile. */
  async greet(agentid: Uuid, held: readonly Uuid[]): Promise<void> {
    const { database, relay } = this.#options;
    for (const { id, actionid, reason } of await cancelledCommands(database.db, agentid)) {
      const senttime = new Date().toISOString();
      await relay.publish('cancel', agentid, { commandid: id, actionid, reason, senttime });
    }
    await this.#send(await owedCommands(database.db, { agentid, held, limit: mostAtOnce }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { database, log } = this.#options;
    try {
      while (this.#isWanted && !this.#isClosed) {
        this.#isWanted = false;
        const owed = await owedCommands(database.db, { limit: mostAtOnce });
        await this.#send(owed);
        if (owed.length === mostAtOnce) this.#isWanted = true;
      }
    } catch (error) {
      log(`dispatch: ${(error as Error).message}`);
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
