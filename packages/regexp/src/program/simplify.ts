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
    case 'concat': {
      const edge = side === 'start' ? 0 : node.parts.length - 1;
      const trimmed = trim(node.parts[edge]!, side);
      const parts = node.parts.map((part, i) => (i === edge ? trimmed : part)).filter((part) => part !== empty);
      const shorter = concat(parts);
      // With its end gone, the next part is at the end.
      return trimmed === empty && parts.length > 0 ? trim(shorter, side) : shorter;
    }
    default:
      return node;
  }
}
