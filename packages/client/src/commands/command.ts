/** What a command of `mig` is. */
import type { Terminal } from '../terminal/terminal.ts';

export interface Command {
  /** The words it goes by, the first for the help. */
  readonly names: readonly string[];
  readonly usage: string;
  readonly summary: string;
  /** Runs it with the words that follow its name; gives the exit status. */
  run(words: readonly string[], terminal: Terminal): Promise<number>;
}
