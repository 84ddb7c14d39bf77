/** Finds whether every match of a pattern holds a long run of one class of bytes: `[A-Za-z0-9+/]{100,}`. */
import type { Node } from '../syntax/node.ts';

/** `length` bytes in a row, all of `members`, stand in every match. */
export interface LongRun {
  readonly members: Uint8Array;
  readonly length: number;
}

/** Shorter runs are found as fast by other means. */
const shortest = 16;

export function longRun(node: Node): LongRun | undefined {
  if (node.kind === 'concat') return longest(node.parts.map(longRun));
  if (node.kind !== 'repeat' || node.min < shortest || node.node.kind !== 'class') return undefined;
  const { ranges } = node.node;
  if (ranges[ranges.length - 1]! > 0x7f) return undefined;
  const members = new Uint8Array(256);
  for (let i = 0; i < ranges.length; i += 2) members.fill(1, ranges[i]!, ranges[i + 1]! + 1);
  members[10] = 0;
  return { members, length: node.min };
}

function longest(runs: readonly (LongRun | undefined)[]): LongRun | undefined {
  return runs.reduce((best, run) => (run !== undefined && run.length > (best?.length ?? 0) ? run : best), undefined);
}
