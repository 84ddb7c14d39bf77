/** Gathers what comes in while the batch before is written, and writes it in one go. */

const mostAtOnce = 500;
const pauseMs = 1_000;

export class Batch<Item> {
  readonly #write: (items: readonly Item[]) => Promise<void>;
  readonly #log: (message: string) => void;
  #waiting: { readonly item: Item; readonly settle: () => void }[] = [];
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(write: (items: readonly Item[]) => Promise<void>, log: (message: string) => void) {
    this.#write = write;
    this.#log = log;
  }

  /** Resolves once the item was written. A batch that fails is tried again until `close`. */
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
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostAtOnce);
      await this.#writeOut(batch.map(({ item }) => item));
      for (const { settle } of batch) settle();
    }
    this.#writing = undefined;
  }

  async #writeOut(items: readonly Item[]): Promise<void> {
    for (;;) {
      try {
        return await this.#write(items);
      } catch (error) {
        this.#log(`scheduler: ${(error as Error).message}; ${items.length} messages wait`);
        // What is not written is not acknowledged: whoever sent it sends it again.
        if (this.#isClosed) return;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }
}
