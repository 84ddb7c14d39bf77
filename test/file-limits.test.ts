/** The file module as a process, at its limits; `npm run test:long` has these on the scale that was promised. */
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { limitedTree, testLimits } from './file-limits.ts';

testLimits({ sparseMegabytes: 512, bombTimes: 2, files: 20_000 });

const { at, search, names } = limitedTree();

test('what may not be read is a soft error for each, and the walk goes on', async () => {
  for (const name of ['a', 'b', 'c']) writeFileSync(at(name), 'needle\n');
  chmodSync(at('b'), 0);
  execFileSync('mkdir', ['-m', '0', at('closed')]);
  const { result } = await search({ contents: ['needle'] }, 65_534);
  expect(names(result)).toEqual(['a', 'c']);
  expect(result.errors).toEqual([
    `${at('b')}: EACCES: permission denied`,
    `${at('closed')}: EACCES: permission denied`,
  ]);
  expect(result.statistics).toMatchObject({ openfailed: 2 });
});
