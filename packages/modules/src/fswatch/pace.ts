/** Keeps the module from taking more of the endpoint than it should: it lets others run, and hashes only so fast. */

/** Longest work without letting the event loop turn. */
const turnMs = 10;
/** Waits below this are saved up. */
const leastWaitMs = 20;

export class Pace {
  readonly #bytesPerMs: number;
  #turnedAt = performance.now();
  #paidUntil = 0;
  /** Bytes that were hashed so far. */
  bytes = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** To await between two pieces of work; undefined while it is not yet time for a pause. */
  breathe(): Promise<void> | undefined {
    if (performance.now() - this.#turnedAt < turnMs) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#turnedAt = performance.now();
        resolve();
      }),
    );
  }

  /** To await after `bytes` were hashed. */
  spend(bytes: number): Promise<void> | undefined {
    this.bytes += bytes;
    const now = performance.now();
    this.#paidUntil = Math.max(now, this.#paidUntil) + bytes / this.#bytesPerMs;
    const waitMs = this.#paidUntil - now;
    if (waitMs < leastWaitMs) return this.breathe();
    return new Promise((resolve) =>
      setTimeout(() => {
        this.#turnedAt = performance.now();
        resolve();
      }, waitMs),
    );
  }
}
