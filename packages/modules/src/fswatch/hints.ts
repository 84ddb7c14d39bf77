/**
 * What may have changed, and waits until it is quiet: events of the system are hints to look, never alerts. A hint is due
 * once nothing was heard of it for `settleMs`, or when it has waited ten times as long.
 */

/** A name within a directory; undefined means all of it. */
export interface Hint {
  readonly directory: string;
  readonly name: string | undefined;
}

interface Waiting extends Hint {
  readonly first: number;
  due: number;
}

/** Hints that are kept one by one; with more, everything is looked at. */
const mostHints = 50_000;

export class Hints {
  readonly #settleMs: number;
  readonly #onDue: () => void;
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer rings. */
  #rings = 0;
  /** Whether so much came at once that some may have been lost. */
  isOverflown = false;

  constructor(settleMs: number, onDue: () => void) {
    this.#settleMs = settleMs;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(directory: string, name: string | undefined, waitMs = this.#settleMs): void {
    const now = performance.now();
    const key = name === undefined ? directory : `${directory}\0${name}`;
    const known = this.#waiting.get(key);
    if (known === undefined) {
      if (this.#waiting.size >= mostHints) this.overflow();
      this.#waiting.set(key, { directory, name, first: now, due: now + waitMs });
    } else known.due = Math.min(now + waitMs, known.first + 10 * this.#settleMs);
    this.#ringAt(now + waitMs);
  }

  /** Everything must be looked at: what was hinted so far is part of it. */
  overflow(): void {
    this.#waiting.clear();
    this.isOverflown = true;
    this.#ringAt(performance.now() + this.#settleMs);
  }

  /** Takes the hints that are due. */
  take(): Hint[] {
    const now = performance.now();
    const due = [...this.#waiting].filter(([, hint]) => hint.due <= now);
    for (const [key] of due) this.#waiting.delete(key);
    return due.map(([, hint]) => hint);
  }

  /** Calls again once the next hint is due. */
  arm(): void {
    if (this.#waiting.size === 0 && !this.isOverflown) return;
    let next = this.isOverflown ? performance.now() + this.#settleMs : Number.POSITIVE_INFINITY;
    for (const { due } of this.#waiting.values()) next = Math.min(next, due);
    this.#ringAt(next);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  /** Rings then, or earlier where that was said before. */
  #ringAt(due: number): void {
    if (this.#timer !== undefined && this.#rings <= due) return;
    clearTimeout(this.#timer);
    this.#rings = due;
    this.#timer = setTimeout(() => this.#ring(), Math.max(1, Math.ceil(due - performance.now())));
  }

  #ring(): void {
    this.#timer = undefined;
    this.#onDue();
  }
}
