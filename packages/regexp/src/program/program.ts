/**
 * Patterns as a program over bytes: a graph of instructions that a set of threads walks, one byte at a time.
 *
 * Invalid UTF-8 is what Go takes it for: each byte that begins no valid encoding is a character of its own, U+FFFD. A
 * lead byte taken for invalid must not be followed by what would complete it: the thread carries that condition along
 * as its *monitor* (monitor.ts) until it is settled.
 */
import type { Assertion } from '../syntax/node.ts';

export type Instruction =
  /** One byte: `[low, high, next, …]`, sorted and disjoint. */
  | { readonly kind: 'bytes'; readonly ranges: readonly number[] }
  /** One byte that begins no valid encoding. */
  | { readonly kind: 'invalid'; readonly next: number }
  /** All of `nexts` at once, those first that are preferred; none is a dead end. */
  | { readonly kind: 'split'; readonly nexts: readonly number[] }
  | { readonly kind: 'assertion'; readonly assertion: Assertion; readonly next: number }
  | { readonly kind: 'match'; readonly pattern: number };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** Where each pattern starts. */
  readonly starts: readonly number[];
  /** Patterns that can match only where a text (a line, in line mode) begins. */
  readonly isAnchored: readonly boolean[];
  /** The place that leads to the start of every pattern that is not anchored, and over a character to itself again. */
  readonly search: number;
  /** What steps over that character: a byte, or where a pattern can mistake a part of one for invalid, a whole one. */
  readonly searchStep: number;
  /** The kinds of assertions in it. */
  readonly assertions: ReadonlySet<Assertion>;
  readonly hasInvalid: boolean;
}
