/** The file module as a process, at its limits; the large forms of these are in `npm run test:long`. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@mig/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesIn, makeBomb, makeMany, makeSparse, measuredSearch, mostMb } from './measured-search.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-limits-'));
  chmodSync(root, 0o755);
});
afterEach(() => {
  execFileSync('rm', ['-rf', root]);
});

const at = (name: string) => join(root, name);
const search = (one: object, uid?: number) => measuredSearch({ paths: [root], ...one }, uid);
const names = (result: Result) => filesIn(result).map((path) => path.replace(`${root}/`, ''));

test('a sparse file of 1 GB is searched to its end in little memory', async () => {
  makeSparse(at('sparse'), 1);
  const { result, peakMb } = await search({ contents: ['^needle$'], sizes: ['>1g'], options: { matchall: true } });
  expect([names(result), result.errors]).toEqual([['sparse'], null]);
  expect(peakMb).toBeLessThan(mostMb);
}, 60_000);

test('a gzip bomb of 0.4 GB is inflated to its end in little memory', async () => {
  makeBomb(root, 2);
  const { result, peakMb } = await search({ contents: ['needle$'], options: { decompress: true } });
  expect([names(result), result.errors]).toEqual([['bomb'], null]);
  expect(peakMb).toBeLessThan(mostMb);
}, 60_000);

test('20,000 files in one directory are found in little memory', async () => {
  makeMany(root, 20_000);
  const some = await search({ sizes: ['0'], contents: ['!needle'], options: { matchall: true, matchlimit: 3 } });
  expect(names(some.result)).toEqual(['file-000000', 'file-000001', 'file-000002']);
  expect(some.result.statistics).toMatchObject({ filescount: 20_000, totalhits: 20_000 });
  expect(some.result.errors).toEqual([
    "search 's1': 20000 matches, more than its matchlimit: the first 3 by path are returned",
  ]);
  expect(some.peakMb).toBeLessThan(mostMb);
}, 60_000);

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
