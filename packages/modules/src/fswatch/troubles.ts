/** What could not be read, by path; what a comparison of everything does not meet again is no trouble any more. */
export class Troubles {
  #met = new Map<string, string>();
  /** From before the comparison that is under way, and not met by it so far. */
  #before = new Map<string, string>();

  get size(): number {
    return this.#met.size + this.#before.size;
  }

  /** Paths and reasons. */
  *[Symbol.iterator](): Generator<readonly [string, string]> {
    yield* this.#met;
    yield* this.#before;
  }

  add(path: string, { code, message }: NodeJS.ErrnoException): void {
    this.#before.delete(path);
    this.#met.set(path, code ?? message);
  }

  /** A comparison of everything begins. */
  begin(): void {
    for (const [path, reason] of this.#met) this.#before.set(path, reason);
    this.#met = new Map();
  }

  /** It is over, with all that was to be hashed. */
  end(): void {
    this.#before = new Map();
  }
}
