/** Classes of characters as small graphs over bytes, made once for each class and copied to every place that it has. */
import { contains, type Ranges } from '../syntax/ranges.ts';
import { type ByteSequence, byteSequences } from './utf8.ts';

/** Stands for whatever follows the class. */
export const exit = -1;

export interface ClassTemplate {
  /** Each `[low, high, next, …]`, sorted and disjoint; `next` is a node before this one, or `exit`. The last is the entry. */
  readonly nodes: readonly (readonly number[])[];
  /** The class holds U+FFFD, and with it every byte that begins no valid encoding. */
  readonly holdsInvalid: boolean;
}

/** Code point that stands for a byte that is not valid UTF-8. */
const replacement = 0xfffd;

const mostKept = 256;
const kept = new Map<string, ClassTemplate>();
let keptByIdentity = new WeakMap<Ranges, ClassTemplate>();

/** The graph of `ranges`. */
export function classTemplate(ranges: Ranges): ClassTemplate {
  const same = keptByIdentity.get(ranges);
  if (same !== undefined) return same;
  const key = ranges.join();
  let template = kept.get(key);
  if (template === undefined) {
    if (kept.size >= mostKept) {
      kept.clear();
      keptByIdentity = new WeakMap();
    }
    template = makeTemplate(ranges);
    kept.set(key, template);
  }
  keptByIdentity.set(ranges, template);
  return template;
}

function makeTemplate(ranges: Ranges): ClassTemplate {
  const nodes: (readonly number[])[] = [];
  const known = new Map<string, number>();
  const sequences = byteSequences(ranges);
  addNode(sequences, 0, sequences.length, 0);
  return { nodes, holdsInvalid: contains(ranges, replacement) };

  /** Adds the node for what follows `depth` bytes of the sequences in [from, to), which begin alike. */
  function addNode(sequences: readonly ByteSequence[], from: number, to: number, depth: number): number {
    const edges: number[] = [];
    while (from < to) {
      const [low, high] = sequences[from]![depth]!;
      let same = from + 1;
      while (same < to && sequences[same]![depth]![0] === low) same++;
      const isLast = sequences[from]!.length === depth + 1;
      const next = isLast ? exit : addNode(sequences, from, same, depth + 1);
      const last = edges.length - 3;
      if (last >= 0 && edges[last + 1] === low - 1 && edges[last + 2] === next) edges[last + 1] = high;
      else edges.push(low, high, next);
      from = same;
    }
    const key = edges.join();
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    known.set(key, nodes.length);
    return nodes.push(edges) - 1;
  }
}
