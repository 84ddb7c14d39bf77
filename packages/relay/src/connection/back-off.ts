/** How long to wait between attempts: longer each time, and never as long as the neighbour. */

const shortestMs = 1_000;
const longestMs = 60_000;

export class BackOff {
  #attempts = 0;

  /** Milliseconds until the next attempt: between none and twice as much as before ("full jitter"). */
  next(): number {
    const most = Math.min(longestMs, shortestMs * 2 ** this.#attempts);
    this.#attempts++;
    return Math.random() * most;
  }

  /** The last attempt was a success. */
  reset(): void {
    this.#attempts = 0;
  }
}
