import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@mig/module/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Elements, file } from './file.ts';
import { type FilterName, filterNames } from './file-parameters.ts';
import { type KnownFilter, knownFilters, Oracle } from './testing/oracle.ts';
import { writeTree } from './testing/random-tree.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-file-oracle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface RandomSearch {
  readonly filters: readonly KnownFilter[];
  readonly matchall: boolean;
  readonly macroal: boolean;
  readonly mismatch: readonly FilterName[];
}

const listOf: Readonly<Record<FilterName, string>> = {
  name: 'names',
  size: 'sizes',
  mode: 'modes',
  mtime: 'mtimes',
  content: 'contents',
  md5: 'md5',
  sha1: 'sha1',
  sha2: 'sha2',
  sha3: 'sha3',
};

function toParameters(root: string, { filters, ...options }: RandomSearch) {
  const lists: Record<string, string[]> = {};
  for (const { kind, value } of filters) lists[listOf[kind]] = [...(lists[listOf[kind]] ?? []), value];
  return { paths: [root], ...lists, options };
}

/** The rules of MODULES.md over the sets that the tools give. Gives `path` or `path filter value` for each element. */
function expectedElements(oracle: Oracle, { filters, matchall, macroal, mismatch }: RandomSearch): string[] {
  const seesAll = filters.some(({ kind }) => kind === 'mode');
  const files = oracle.universe(false);
  const outcome = ({ kind, ...filter }: KnownFilter) => {
    const passing = oracle.passes({ kind, ...filter }, macroal);
    const needsFile = kind === 'content' || /^(md5|sha)/.test(kind);
    return (path: string) => (!needsFile || files.has(path)) && passing.has(path) !== mismatch.includes(kind);
  };
  const universe = [...oracle.universe(seesAll)];
  if (!matchall) {
    if (filters.length === 0) return universe.sort();
    return filters
      .flatMap((filter) => universe.filter(outcome(filter)).map((path) => `${path} ${filter.kind} ${filter.value}`))
      .sort();
  }
  const contents = filters.filter(({ kind }) => kind === 'content').map(outcome);
  const others = filters.filter(({ kind }) => kind !== 'content').map(outcome);
  const wantsMisfits = macroal && mismatch.includes('content') && contents.length > 0;
  const isMet = (path: string) =>
    wantsMisfits ? contents.some((test) => test(path)) : contents.every((test) => test(path));
  return universe.filter((path) => isMet(path) && others.every((test) => test(path))).sort();
}

describe('file agrees with find, grep and the checksum tools', () => {
  test.each([11, 22, 33, 44])('on tree %i, for every combination of filters and options', async (seed) => {
    const root = join(folder, String(seed));
    writeTree(root, seed);
    const oracle = new Oracle(root);
    const files = [...oracle.universe(false)];
    const hashed: KnownFilter[] = (
      [
        ['md5', 32],
        ['sha1', 40],
        ['sha2', 64],
        ['sha2', 96],
        ['sha2', 128],
        ['sha3', 56],
        ['sha3', 64],
        ['sha3', 96],
        ['sha3', 128],
      ] as const
    ).map(([kind, length], i) => ({ kind, value: oracle.hashOf(kind, length, files[(i * 5) % files.length]!) }));
    const search: fc.Arbitrary<RandomSearch> = fc.record({
      filters: fc.uniqueArray(fc.constantFrom(...knownFilters, ...hashed), {
        maxLength: 4,
        selector: ({ kind, value }) => `${kind}${value}`,
      }),
      matchall: fc.boolean(),
      macroal: fc.boolean(),
      mismatch: fc.uniqueArray(fc.constantFrom(...filterNames), { maxLength: 3 }),
    });
    const searches = fc.sample(search, { seed, numRuns: 120 });
    const labelled = Object.fromEntries(searches.map((one, i) => [`s${i}`, toParameters(root, one)]));
    const result = await run(file, { searches: labelled });
    expect(result.errors).toBeNull();
    const elements = result.elements as Elements;
    searches.forEach((one, i) => {
      const found = elements[`s${i}`]!.map(({ file: path, search: matched }) => {
        const { paths: _, options: __, ...lists } = matched;
        const [[list, values] = []] = Object.entries(lists) as [string, string[]][];
        if (one.matchall || one.filters.length === 0) return path;
        return `${path} ${filterNames.find((name) => listOf[name] === list)} ${values![0]}`;
      });
      expect([JSON.stringify(one), found.sort()]).toEqual([JSON.stringify(one), expectedElements(oracle, one)]);
    });
  });
});
