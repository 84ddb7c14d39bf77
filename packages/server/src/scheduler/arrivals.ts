/**
 * Agents that are there and whose hello was said to nobody: the scheduler had not started, or its connection was down.
 * The relay keeps their presence and tells it to whoever subscribes.
 */
import type { PresenceMessage, Uuid } from '@mig/action';
import type { Db } from '../database/open-database.ts';
import { agentsAreThere } from '../database/presence.ts';

/** How long a hello with the same session may take to come after the presence: it says more. */
const patienceMs = 1_000;

export class Arrivals {
  readonly #db: Db;
  readonly #greet: (ids: readonly Uuid[]) => void;
  readonly #log: (message: string) => void;
  #seen = new Map<Uuid, Uuid>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `greet` sends agents all that they are owed. */
  constructor(db: Db, greet: (ids: readonly Uuid[]) => void, log: (message: string) => void) {
    this.#db = db;
    this.#greet = greet;
    this.#log = log;
  }

  note(id: Uuid, { online, session }: PresenceMessage): void {
    if (online) this.#seen.set(id, session);
    else if (this.#seen.get(id) === session) this.#seen.delete(id);
    if (online && !this.#isClosed) this.#timer ??= setTimeout(() => void this.#settle(), patienceMs);
  }

  /** Notes a hello: its session is no news, whenever it is stored. */
  heard(id: Uuid, session: Uuid): void {
    if (this.#seen.get(id) === session) this.#seen.delete(id);
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
      if (seen.size > 0) this.#greet(await agentsAreThere(this.#db, seen));
    } catch (error) {
      this.#log(`agents that are there: ${(error as Error).message}`);
      // Seen again later, unless they have said hello meanwhile.
      for (const [id, session] of seen) if (!this.#seen.has(id)) this.note(id, { online: true, session, time: '' });
    }
  }
}
