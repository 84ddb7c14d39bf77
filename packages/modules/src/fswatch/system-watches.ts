/** The system's watches on directories: what it tells becomes hints, and the limits that it sets are explained once. */
import { type Directory, isMissing, type Listener } from './directory.ts';
import type { Hints } from './hints.ts';
import { explainLimit, queuedEvents } from './watch-limit.ts';

export interface WatchesOptions {
  readonly directories: ReadonlyMap<string, Directory>;
  readonly hints: Hints;
  readonly onTrouble: (path: string, error: NodeJS.ErrnoException) => void;
  readonly log: (message: string) => void;
}

export class SystemWatches {
  /** Which limit keeps the system from watching all of it. */
  limit: string | undefined;
  /** Hints that came from the system. */
  events = 0;
  readonly #options: WatchesOptions;
  #burst = 0;
  #saidLimit: string | undefined;
  readonly #listener: Listener = {
    event: () => this.#countEvent(),
    hint: ({ key }, name) => this.#options.hints.add(key, name),
  };

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** Watches a directory, unless it is watched already. What keeps the system from it is told. */
  watch(directory: Directory): void {
    try {
      directory.watch(this.#listener);
    } catch (error) {
      const limit = explainLimit(error as NodeJS.ErrnoException);
      if (limit === undefined) {
        if (!isMissing(error)) this.#options.onTrouble(directory.key, error as NodeJS.ErrnoException);
        return;
      }
      if (this.#saidLimit !== limit) this.#options.log(`${limit}; what is not watched is scanned from time to time`);
      this.#saidLimit = limit;
      this.limit = limit;
    }
  }

  /** Everything that was not watched was tried again: a limit that holds none back any more is none. */
  endRound(): void {
    const isLimited = [...this.#options.directories.values()].some((one) => one.isThere && !one.isWatched);
    if (!isLimited) this.limit = undefined;
  }

  // The runtime hands over all that is queued in one go, and hides that the queue overflowed. Half of it is suspect.
  #countEvent(): void {
    this.events++;
    if (this.#burst++ === 0) setImmediate(() => this.#endBurst());
  }

  #endBurst(): void {
    if (this.#burst >= queuedEvents / 2) {
      // Lost events may have told that a watched directory is gone.
      for (const directory of this.#options.directories.values()) directory.distrust();
      this.#options.hints.overflow();
    }
    this.#burst = 0;
  }
}
