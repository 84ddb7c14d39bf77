/** How large the program of a pattern is, found out without making it: a pattern is refused before it costs anything. */
import type { Node } from '../syntax/node.ts';
import { classTemplate } from './class-template.ts';

/** Most instructions of the patterns that are compiled together. */
export const defaultProgramSize = 100_000;

/** Throws an Error when `patterns` take more than `most` instructions together. */
export function requireSmall(patterns: readonly Node[], most: number): void {
  const size = patterns.reduce((sum, pattern) => sum + 1 + sizeOf(pattern), 0);
  if (size <= most) return;
  const what = patterns.length === 1 ? 'the regular expression' : `the ${patterns.length} regular expressions`;
  throw new RegexpSizeError(
    `${what} would compile to ${size} instructions, more than the ${most} that are allowed: ` +
      'use smaller counts, and ASCII classes such as [a-z] where a class of all of Unicode is repeated',
  );
}

/** A pattern, or several together, that are correct but too large. */
export class RegexpSizeError extends Error {
  override readonly name = 'RegexpSizeError';
}

function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'empty':
      return 0;
    case 'class': {
      const { nodes, holdsInvalid } = classTemplate(node.ranges);
      return nodes.length + (holdsInvalid ? 2 : 0);
    }
    case 'assertion':
      return 1;
    case 'concat':
    case 'alternate':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'repeat':
      return sizeOfRepeat(sizeOf(node.node), node.min, node.max);
  }
}

function sizeOfRepeat(size: number, min: number, max: number): number {
  return max === Infinity ? (min + 1) * size + 1 : min * size + (max - min) * (size + 1);
}
