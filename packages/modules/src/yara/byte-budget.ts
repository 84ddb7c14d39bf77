/** Bounds how many bytes are held at a time: takers wait for their turn, and what is larger than all of it goes alone. */
export class ByteBudget {
  readonly #most: number;
  #held = 0;
  #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when `byteCount` bytes may be held, until they are given back. */
  async take(byteCount: number): Promise<void> {
    while (this.#held > 0 && this.#held + byteCount > this.#most) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#held += byteCount;
  }

  giveBack(byteCount: number): void {
    this.#held -= byteCount;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
