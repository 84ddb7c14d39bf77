/** The file module as a process, at its limits: what `npm test` shows on a small scale, on the scale that was promised. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@mig/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesIn, makeBomb, makeMany, makeSparse, measuredSearch, mostMb } from '../measured-search.ts';

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

test('a sparse file of 10 GB is searched to its end in little memory', async () => {
  makeSparse(at('sparse'), 10);
  const { result, peakMb } = await search({ contents: ['^needle$'], sizes: ['>10g'], options: { matchall: true } });
  expect([names(result), result.errors]).toEqual([['sparse'], null]);
  expect(peakMb).toBeLessThan(mostMb);
}, 600_000);

test('a gzip bomb of 2 GB is inflated to its end in little memory', async () => {
  makeBomb(root, 10);
  const { result, peakMb } = await search({ contents: ['needle$'], options: { decompress: true } });
  expect([names(result), result.errors]).toEqual([['bomb'], null]);
  expect(peakMb).toBeLessThan(mostMb);
}, 600_000);

test('200,000 files in one directory are found in little memory', async () => {
  makeMany(root, 200_000);
  const some = await search({ sizes: ['0'], contents: ['!needle'], options: { matchall: true, matchlimit: 3 } });
  expect(names(some.result)).toEqual(['file-000000', 'file-000001', 'file-000002']);
  expect(some.result.statistics).toMatchObject({ filescount: 200_000, totalhits: 200_000 });
  expect(some.result.errors).toEqual([
    "search 's1': 200000 matches, more than its matchlimit: the first 3 by path are returned",
  ]);
  const all = await search({ names: ['file'] });
  expect(all.result.errors).toEqual([
    "search 's1': 200000 matches, more than a result can hold: set its matchlimit, or ask a narrower question",
  ]);
  const most = await search({ names: ['file'], options: { matchlimit: 30_000 } });
  expect(names(most.result)).toHaveLength(30_000);
  expect(Math.max(some.peakMb, all.peakMb, most.peakMb)).toBeLessThan(mostMb);
}, 600_000);
