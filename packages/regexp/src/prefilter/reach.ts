/**
 * How far back a match can begin that holds what a prefilter looks for. Where that is known, a line that goes on and on
 * without it need not be run, nor kept as a whole: its last bytes are enough.
 */
import type { Node } from '../syntax/node.ts';

/** The longest encoding of a character: so far a scan that begins inside of one may take its bytes for others. */
const longestCharacter = 4;

/** Lines are kept as a whole before so much of each is. */
const mostReach = 4096;

/**
 * Bytes before the end of an input without any of the sequences that may be part of a match which goes on behind it: for
 * a match that has a sequence of at most `length` bytes behind at most `before` others. One byte more decides whether a
 * word begins there. Undefined where that is too far, and where a pattern asks for the start of a line: it would be taken
 * to be where the bytes begin that are left.
 */
export function reachOf(patterns: readonly Node[], before: number, length: number): number | undefined {
  const reach = before + length + longestCharacter;
  return reach <= mostReach && !patterns.some(asksForStart) ? reach : undefined;
}

/** The most bytes that a match of `node` has; Infinity without a bound. */
export function mostBytes(node: Node): number {
  switch (node.kind) {
    case 'empty':
    case 'assertion':
      return 0;
    case 'class': {
      const last = node.ranges.at(-1) ?? 0;
      return last <= 0x7f ? 1 : last <= 0x7ff ? 2 : last <= 0xffff ? 3 : longestCharacter;
    }
    case 'concat':
      return node.parts.reduce((sum, part) => sum + mostBytes(part), 0);
    case 'alternate':
      return Math.max(...node.parts.map(mostBytes));
    case 'repeat': {
      const each = mostBytes(node.node);
      return each === 0 || node.max === 0 ? 0 : each * node.max;
    }
  }
}

function asksForStart(node: Node): boolean {
  switch (node.kind) {
    case 'empty':
    case 'class':
      return false;
    case 'assertion':
      return node.assertion === 'textStart' || node.assertion === 'lineStart';
    case 'concat':
    case 'alternate':
      return node.parts.some(asksForStart);
    case 'repeat':
      return asksForStart(node.node);
  }
}
