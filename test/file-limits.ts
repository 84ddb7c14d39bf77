/** The file module as a process, at its limits: the same tests on the scale that is given. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@mig/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesIn, makeBomb, makeMany, makeSparse, measuredSearch, mostMb } from './measured-search.ts';

export interface Scale {
  /** Of a sparse file; more than a process may use. */
  readonly sparseMegabytes: number;
  /** How many times a gzip bomb inflates to 200 MB. */
  readonly bombTimes: number;
  /** Files in one directory. */
  readonly files: number;
}

/** A directory for each test, that anybody may look into. */
export function limitedTree() {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mig-limits-'));
    chmodSync(root, 0o755);
  });
  afterEach(() => {
    execFileSync('rm', ['-rf', root]);
  });
  return {
    root: () => root,
    at: (name: string) => join(root, name),
    search: (one: object, uid?: number) => measuredSearch({ paths: [root], ...one }, uid),
    names: (result: Result) => filesIn(result).map((path) => path.replace(`${root}/`, '')),
  };
}

/** Declares the tests of what must end in little memory, whatever the size. */
export function testLimits({ sparseMegabytes, bombTimes, files }: Scale): void {
  const { root, at, search, names } = limitedTree();
  const patienceMs = 600_000;

  test(
    `a sparse file of ${sparseMegabytes} MB is searched to its end in little memory`,
    async () => {
      makeSparse(at('sparse'), sparseMegabytes);
      const sizes = [`>${sparseMegabytes}m`];
      const { result, peakMb } = await search({ contents: ['^needle$'], sizes, options: { matchall: true } });
      expect([names(result), result.errors]).toEqual([['sparse'], null]);
      expect(peakMb).toBeLessThan(mostMb);
    },
    patienceMs,
  );

  test(
    `a gzip bomb of ${bombTimes * 200} MB is inflated to its end in little memory`,
    async () => {
      makeBomb(root(), bombTimes);
      const { result, peakMb } = await search({ contents: ['needle$'], options: { decompress: true } });
      expect([names(result), result.errors]).toEqual([['bomb'], null]);
      expect(peakMb).toBeLessThan(mostMb);
    },
    patienceMs,
  );

  test(
    `${files} files in one directory are found in little memory`,
    async () => {
      makeMany(root(), files);
      const some = await search({ sizes: ['0'], contents: ['!needle'], options: { matchall: true, matchlimit: 3 } });
      expect(names(some.result)).toEqual(['file-000000', 'file-000001', 'file-000002']);
      expect(some.result.statistics).toMatchObject({ filescount: files, totalhits: files });
      expect(some.result.errors).toEqual([
        `search 's1': ${files} matches, more than its matchlimit: the first 3 by path are returned`,
      ]);
      expect(some.peakMb).toBeLessThan(mostMb);
    },
    patienceMs,
  );
}
