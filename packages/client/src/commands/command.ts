/** What a command of `mig` is. */
import type { Hints } from '../fleet/hints.ts';
import type { Platform } from '../platform/platform.ts';
import type { Places } from '../settings/places.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { OptionKinds } from './read-words.ts';

/** What commands work with besides their words. Nothing is read or connected before it is asked for. */
export interface Context {
  readonly places: Places;
  settings(): Settings;
  /** The platform; where none is configured yet, and a person is at the terminal, `mig init` goes first. */
  platform(): Promise<Platform>;
  /** What ctrl-c aborts from now on, until it is released. */
  interruption(): Interruption;
  /** The platform for what is said after ctrl-c: there, nothing of it is aborted. */
  steady(platform: Platform): Platform;
  readonly hints: Hints;
}

/** What can be typed after the name of a command: its words, and its options with their dash. */
export function completionsOf({ words = [], options = {} }: Command): readonly string[] {
  return [...words, ...Object.keys(options).map((name) => `-${name}`)];
}

/** Ctrl-c ends what runs, and not the program. */
export interface Interruption {
  readonly signal: AbortSignal;
  release(): void;
}

export interface Command {
  /** The words it goes by, the first for the help. */
  readonly names: readonly string[];
  readonly usage: string;
  readonly summary: string;
  /** What can be typed after its name, for its help: lines of text. */
  readonly help?: readonly string[];
  /** Words that may follow its name, such as what is to be done. */
  readonly words?: readonly string[];
  /** Its options, for completion too. */
  readonly options?: OptionKinds;
  /** Runs it with the words that follow its name; gives the exit status. */
  run(words: readonly string[], terminal: Terminal, context: Context): Promise<number>;
}
