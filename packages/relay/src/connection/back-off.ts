/** How long to wait between attempts: longer each time, and never as long as the neighbour. */

const shortestMs = 1_000;
const longestMs = 60_000;
/** A connection that ends sooner was no success: two agents with one identity push each other off, time and again. */
const settledMs = 10_000;

export class BackOff {
  #attempts = 0;

  /** Milliseconds until the next attempt: between none and twice as much as before ("full jitter"). */
  next(): number {
    const most = Math.min(longestMs, shortestMs * 2 ** this.#attempts);
    this.#attempts++;
    return Math.random() * most;
  }

  /** A connection has ended that lasted for `ms`: when that was long enough, waiting begins anew. */
  lasted(ms: number): void {
    if (ms >= settledMs) this.#attempts = 0;
  }
}
