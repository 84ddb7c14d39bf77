/** The file module as a process, at its limits, on the scale that was promised: `npm test` has it small. */
import { expect, test } from 'vitest';
import { limitedTree, testLimits } from '../file-limits.ts';
import { makeMany, mostMb } from '../measured-search.ts';

testLimits({ sparseMegabytes: 10 * 1024, bombTimes: 10, files: 200_000 });

const { root, search, names } = limitedTree();

test('200,000 matches: more than a result holds is a failure that says so, and 30,000 are returned', async () => {
  makeMany(root(), 200_000);
  const all = await search({ names: ['file'] });
  expect(all.result.errors).toEqual([
    "search 's1': 200000 matches, more than a result can hold: set its matchlimit, or ask a narrower question",
  ]);
  const most = await search({ names: ['file'], options: { matchlimit: 30_000 } });
  expect(names(most.result)).toHaveLength(30_000);
  expect(Math.max(all.peakMb, most.peakMb)).toBeLessThan(mostMb);
}, 600_000);
