/** Counts what a result will hold, so that a run that finds too much says so before it fills its memory. */
import { longestResultBytes } from '@mig/module';

export class ResultRoom {
  #left: number = longestResultBytes;

  /** Takes room for `finding`, of which the result repeats no less than its JSON. Throws when there is no more. */
  take(finding: unknown): void {
    this.#left -= JSON.stringify(finding).length;
    if (this.#left < 0) {
      throw new Error(
        `more was found than the ${longestResultBytes} bytes of a result can hold: ask a narrower question`,
      );
    }
  }
}
