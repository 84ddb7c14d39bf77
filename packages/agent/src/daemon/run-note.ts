/**
 * Notes on disk which process runs a module, so that the next agent can end it if this one is killed: a module process
 * ends by itself when its agent is gone, and if it hangs its guard ends it, unless that was killed too. Short runs are not noted, since they do not last so long.
 */
import { noteInstance } from '../supervisor/leftovers.ts';

/** After how long a run is noted. */
const delayMs = 2_000;

export class RunNote {
  readonly #directory: string;
  #timer: NodeJS.Timeout | undefined;
  #forget: () => void = () => {};

  constructor(directory: string) {
    this.#directory = directory;
  }

  begin(pid: number): void {
    this.#timer = setTimeout(() => {
      this.#forget = noteInstance(this.#directory, `run-${pid}`, pid);
    }, delayMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#forget();
  }
}
