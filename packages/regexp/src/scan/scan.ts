/** A scan: one pass over inputs that come in pieces, for all patterns of a set. */

export interface Scan {
  /** Per pattern asked for `some`: 1 when some line (without lines: the text) matched. */
  readonly matched: Uint8Array;
  /** Per pattern asked for `every`: 1 when some line did not match. */
  readonly missed: Uint8Array;
  /** Begins a new input. */
  reset(): void;
  /** Where the next bytes of the input are to be put, 64 KiB or more. Valid until the next call of any method. */
  room(): Uint8Array;
  /** Takes the first `byteCount` bytes of `room`. True when every question is decided, and reading on is of no use. */
  advance(byteCount: number): boolean;
  /** The input is over: judges its last line, when no newline ended it. */
  end(): void;
  /**
   * Takes a new input that is all in the `room`, its first `byteCount` bytes: as `advance` and `end`, faster where nothing
   * matches. False when `matched` and `missed` hold zeros only.
   */
  takeWhole(byteCount: number): boolean;
}

/** `some`: does a line match? `every`: is there a line that does not? */
export type Question = 'some' | 'every';
