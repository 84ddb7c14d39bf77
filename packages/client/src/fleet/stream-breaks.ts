/** Says that a stream broke once, however often it is tried again, and that it goes on after a longer break. */
import type { Terminal } from '../terminal/terminal.ts';

export interface StreamBreaks {
  /** For each attempt that failed. */
  onBreak(reason: string): void;
  /** For each event. */
  onEvent(): void;
}

export function streamBreaks(terminal: Pick<Terminal, 'remark'>): StreamBreaks {
  let failures = 0;
  return {
    onBreak(reason) {
      failures++;
      if (failures === 1) terminal.remark(`the stream broke, going on where it was: ${reason}`);
      else if (failures === 2) terminal.remark(`the platform is not reached, trying again until it is: ${reason}`);
    },
    onEvent() {
      if (failures > 1) terminal.remark('the platform is reached again');
      failures = 0;
    },
  };
}
