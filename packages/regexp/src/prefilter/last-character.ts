/** What a text must end with where a pattern holds on to its end: most names are told apart by one character. */
import type { Node } from '../syntax/node.ts';
import { normalize, type Ranges } from '../syntax/ranges.ts';

/** A 1 for each ASCII character that a text matched by `node` may end with; undefined where it may be any, or none. */
export function lastCharacters(node: Node): Uint8Array | undefined {
  const ranges = anchored(node);
  if (ranges === undefined) return undefined;
  const allowed = new Uint8Array(128);
  for (let i = 0; i < ranges.length; i += 2) allowed.fill(1, ranges[i]!, ranges[i + 1]! + 1);
  return allowed;
}

/** The last characters of the texts that `node` matches up to their end; undefined where it may match before it. */
function anchored(node: Node): Ranges | undefined {
  if (node.kind === 'alternate') return union(node.parts.map(anchored));
  if (node.kind !== 'concat') return undefined;
  const last = node.parts.at(-1)!;
  const isAtEnd = last.kind === 'assertion' && last.assertion === 'textEnd';
  return isAtEnd ? lastOf(node.parts.slice(0, -1)) : undefined;
}

/** The last characters of what `parts` match; undefined where that may be nothing. */
function lastOf(parts: readonly Node[]): Ranges | undefined {
  const last = parts.at(-1);
  switch (last?.kind) {
    case 'class':
      return last.ranges;
    case 'assertion':
      return lastOf(parts.slice(0, -1));
    case 'concat':
      return lastOf(last.parts);
    case 'alternate':
      return union(last.parts.map((part) => lastOf([part])));
    case 'repeat':
      return last.min > 0 ? lastOf([last.node]) : undefined;
    default:
      return undefined;
  }
}

function union(sets: readonly (Ranges | undefined)[]): Ranges | undefined {
  return sets.every((set) => set !== undefined) ? normalize(sets.flat()) : undefined;
}
