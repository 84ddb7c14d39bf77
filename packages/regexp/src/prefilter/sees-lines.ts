/** Whether a pattern can tell a text from the lines in it: where it cannot, lines are searched, which is faster. */
import type { Node } from '../syntax/node.ts';
import { contains } from '../syntax/ranges.ts';

const newline = 10;

/** True when a match of `node` may hold a newline, or depends on where the text or a line begins or ends. */
export function seesLines(node: Node): boolean {
  switch (node.kind) {
    case 'empty':
      return false;
    case 'class':
      return contains(node.ranges, newline);
    case 'assertion':
      return node.assertion !== 'wordBoundary' && node.assertion !== 'notWordBoundary';
    case 'concat':
    case 'alternate':
      return node.parts.some(seesLines);
    case 'repeat':
      return seesLines(node.node);
  }
}
