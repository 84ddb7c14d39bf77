/** Gathers what comes in while the batch before is written, and writes it in one go. */
import { setTimeout as sleep } from 'node:timers/promises';

const mostAtOnce = 500;
const pauseMs = 1_000;
/** How long a batch that follows another waits for more: what comes by itself is written at once, a crowd together. */
const laterMs = 20;
/** Of what is told an agent. */
const longestReason = 900;

export interface BatchOptions<Item> {
  readonly write: (items: readonly Item[]) => Promise<void>;
  /** Takes an item that the database will never take, so that it does not hold up the others. */
  readonly refuse: (item: Item, reason: string) => Promise<void>;
  readonly log: (message: string) => void;
  /** How long an item waits for others that comes while nothing is written, in milliseconds. Default 0. */
  readonly gatherMs?: number;
}

export class Batch<Item> {
  readonly #options: BatchOptions<Item>;
  #waiting: { readonly item: Item; readonly settle: () => void }[] = [];
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: BatchOptions<Item>) {
    this.#options = options;
  }

  /** Resolves once the item was written or refused. A batch that fails is tried again until `close`. */
  add(item: Item): Promise<void> {
    return new Promise((settle) => {
      this.#waiting.push({ item, settle });
      this.#writing ??= this.#run();
    });
  }

  /** Writes what waits, once, and takes no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  async #run(): Promise<void> {
    for (let patienceMs = this.#options.gatherMs ?? 0; this.#waiting.length > 0; patienceMs = laterMs) {
      if (patienceMs > 0 && this.#waiting.length < mostAtOnce && !this.#isClosed) await sleep(patienceMs);
      const batch = this.#waiting.splice(0, mostAtOnce);
      await this.#writeOut(batch.map(({ item }) => item));
      for (const { settle } of batch) settle();
    }
    this.#writing = undefined;
  }

  async #writeOut(items: readonly Item[]): Promise<void> {
    const { write, log } = this.#options;
    for (;;) {
      try {
        return await write(items);
      } catch (error) {
        const { message } = error as Error;
        if (isForGood(error)) return this.#sortOut(items, message.slice(0, longestReason));
        log(`scheduler: ${message}; ${items.length} messages wait`);
        // What is not written is not acknowledged: whoever sent it sends it again.
        if (this.#isClosed) return;
        await sleep(pauseMs);
      }
    }
  }

  /** Finds by halves which of `items` it is that the database does not take. */
  async #sortOut(items: readonly Item[], reason: string): Promise<void> {
    const { refuse, log } = this.#options;
    if (items.length === 1) {
      await refuse(items[0]!, reason).catch((error: Error) => log(`scheduler: ${error.message}`));
      return;
    }
    const middle = Math.ceil(items.length / 2);
    await this.#writeOut(items.slice(0, middle));
    await this.#writeOut(items.slice(middle));
  }
}

/**
 * Whether it is the data that the database has something against (PostgreSQL, appendix A: class 22 is data exception, 23
 * integrity constraint violation, 54 program limit exceeded), so that trying again is of no use.
 */
function isForGood(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(22|23|54)...$/.test(code);
}
