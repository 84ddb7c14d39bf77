/**
 * Makes a pattern smaller where only the existence of a match is asked: what may be repeated at either end need not be
 * repeated more often than it must, since a match with more holds one with less.
 */
import { alternate, concat, empty, type Node } from '../syntax/node.ts';

/** A pattern that matches in the same texts as `node`; the bounds of its matches differ. */
export function simplify(node: Node): Node {
  return trim(trim(node, 'start'), 'end');
}

function trim(node: Node, side: 'start' | 'end'): Node {
  switch (node.kind) {
    case 'repeat':
      if (node.min === 0) return empty;
      if (node.min === 1) return trim(node.node, side);
      return { ...node, max: node.min };
    case 'alternate':
      return alternate(node.parts.map((part) => trim(part, side)));
    case 'concat':
      return trimConcat(node.parts, side);
    default:
      return node;
  }
}

/** Parts at the edge that need not be there are dropped, until one needs to: with its end gone, the next part is at the end. */
function trimConcat(parts: readonly Node[], side: 'start' | 'end'): Node {
  let from = 0;
  let to = parts.length;
  while (from < to) {
    const edge = side === 'start' ? from : to - 1;
    const trimmed = trim(parts[edge]!, side);
    if (trimmed !== empty) {
      // Array.prototype.with is not there yet while a start-up snapshot is made.
      const left = parts.slice(from, to);
      left[edge - from] = trimmed;
      return concat(left);
    }
    if (side === 'start') from++;
    else to--;
  }
  return empty;
}
