/** Sets of code points as sorted, disjoint ranges: `[low, high, low, high, …]`, bounds included. */

export type Ranges = readonly number[];

export const lastCodePoint = 0x10ffff;
export const everything: Ranges = [0, lastCodePoint];

/** Sorts and merges ranges that come in any order. */
export function normalize(ranges: Ranges): Ranges {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [low, high] of pairs) {
    const last = merged.length - 1;
    if (last > 0 && low <= merged[last]! + 1) merged[last] = Math.max(merged[last]!, high);
    else merged.push(low, high);
  }
  return merged;
}

/** All code points that are not in `ranges`. */
export function negate(ranges: Ranges): Ranges {
  const gaps: number[] = [];
  let from = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > from) gaps.push(from, ranges[i]! - 1);
    from = ranges[i + 1]! + 1;
  }
  if (from <= lastCodePoint) gaps.push(from, lastCodePoint);
  return gaps;
}

export function contains(ranges: Ranges, codePoint: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (codePoint < ranges[i]!) return false;
    if (codePoint <= ranges[i + 1]!) return true;
  }
  return false;
}
