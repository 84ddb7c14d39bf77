/** The syntax tree of a regular expression. Capturing does not matter for what we ask, so that groups leave no trace. */
import type { Ranges } from './ranges.ts';

/** Conditions on a place between two characters. `lineStart` and `lineEnd` are `^` and `$` under flag m. */
export type Assertion = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordBoundary' | 'notWordBoundary';

export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'class'; readonly ranges: Ranges }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'concat'; readonly parts: readonly Node[] }
  | { readonly kind: 'alternate'; readonly parts: readonly Node[] }
  /** `max` is Infinity without an upper bound. */
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly min: number;
      readonly max: number;
      readonly isGreedy: boolean;
    };

export const empty: Node = { kind: 'empty' };

export function concat(parts: readonly Node[]): Node {
  const flat = parts.flatMap((part) => (part.kind === 'concat' ? part.parts : part.kind === 'empty' ? [] : [part]));
  return flat.length === 0 ? empty : flat.length === 1 ? flat[0]! : { kind: 'concat', parts: flat };
}

export function alternate(parts: readonly Node[]): Node {
  return parts.length === 1 ? parts[0]! : { kind: 'alternate', parts };
}
