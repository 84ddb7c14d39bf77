/** What can be typed where: a mode is a place with orders of its own, such as one action. */
import type { Context } from '../commands/command.ts';
import type { Platform } from '../platform/platform.ts';
import type { Paint } from '../terminal/paint.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Question } from './input/line-reader.ts';

/** Something that can be typed. */
export interface Order {
  /** The words it goes by, the first for the help. */
  readonly names: readonly string[];
  readonly usage: string;
  readonly summary: string;
  /** A heading under which the help lists only its name. */
  readonly group?: string;
  /** Lines of help about it. */
  readonly help?: readonly string[];
  /** Words that may follow `typed`, the whole words after its name; `part` is what is there of the next one. */
  complete?(typed: readonly string[], session: Session, part: string): Promise<readonly string[]> | readonly string[];
  /** Runs it. `rest` is what was typed after its name. What it throws is explained to the person. */
  run(rest: string, session: Session): Promise<void>;
}

export interface Mode {
  readonly prompt: string;
  readonly orders: readonly Order[];
  /** What is said when it is entered. */
  greet?(session: Session): Promise<void>;
  /** Whether it may be left: it may ask. */
  mayLeave?(session: Session): Promise<boolean>;
}

/** What orders work with. */
export interface Session {
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly context: Context;
  /** Ctrl-c ends its calls. */
  readonly platform: Platform;
  /** Aborted by ctrl-c. */
  readonly signal: AbortSignal;
  /** Whether a person is at the terminal. */
  readonly isWatched: boolean;
  ask(question: Omit<Question, 'signal'>): Promise<string | undefined>;
  /** Prints lines, a screen at a time where a person looks on. */
  page(lines: Iterable<string> | AsyncIterable<string>): Promise<void>;
  /** Lets `work` have the terminal. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** Goes into `mode`; `isInstead` leaves the one that the order was typed in. */
  enter(mode: Mode, isInstead?: boolean): void;
  leave(): void;
}
