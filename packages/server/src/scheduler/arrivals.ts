/**
 * Agents that are there and whose hello was said to nobody: the scheduler had not started, or its connection was down.
 * The relay keeps their presence and tells it to whoever subscribes.
 */
import type { PresenceMessage, Uuid } from '@mig/action';
import { agentsAreThere } from '../database/agents.ts';
import type { Db } from '../database/open-database.ts';

/** How long a hello with the same session may take to come after the presence: it says more. */
const patienceMs = 1_000;

export class Arrivals {
  readonly #db: Db;
  readonly #greet: (id: Uuid) => Promise<void>;
  readonly #log: (message: string) => void;
  #seen = new Map<Uuid, Uuid>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `greet` sends an agent all that it is owed. */
  constructor(db: Db, greet: (id: Uuid) => Promise<void>, log: (message: string) => void) {
    this.#db = db;
    this.#greet = greet;
    this.#log = log;
  }

  note(id: Uuid, { online, session }: PresenceMessage): void {
    if (online) this.#seen.set(id, session);
    else if (this.#seen.get(id) === session) this.#seen.delete(id);
    if (online && !this.#isClosed) this.#timer ??= setTimeout(() => void this.#settle(), patienceMs);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #settle(): Promise<void> {
    const seen = this.#seen;
    this.#seen = new Map();
    this.#timer = undefined;
    try {
      for (const id of await agentsAreThere(this.#db, seen)) await this.#greet(id);
    } catch (error) {
      this.#log(`agents that are there: ${(error as Error).message}`);
      // Seen again later, unless they have said hello meanwhile.
      for (const [id, session] of seen) if (!this.#seen.has(id)) this.note(id, { online: true, session, time: '' });
    }
  }
}
