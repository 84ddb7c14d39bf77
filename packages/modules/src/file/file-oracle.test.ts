import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@mig/module/testing';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { file, type Hit } from './file.ts';
import { type FilterName, filterNames } from './file-parameters.ts';
import { type KnownFilter, type KnownSearch, Oracle } from './testing/oracle.ts';
import { plantTree, randomTree } from './testing/random-tree.ts';

const now = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'mig-file-oracle-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same trees in every run: what fails can be run again. */
const trees = fc.sample(randomTree, { numRuns: 3, seed: 20_261_124 }).map((tree, number) => {
  const root = join(folder, String(number));
  plantTree(root, tree, now);
  return { root, oracle: new Oracle(root, folder) };
});

const daysAgo = (days: number) => `@${Math.floor(now / 1000) - days * 86_400}`;
const pattern = (kind: 'name' | 'content', value: string, grep = value.replace(/^!/, '')): KnownFilter => ({
  kind,
  value,
  grep,
});
const known: readonly KnownFilter[] = [
  pattern('name', '\\.txt$'),
  pattern('name', '^[a-z]'),
  pattern('name', '^passwd$'),
  pattern('name', ' |_|-'),
  { kind: 'size', value: '<20', find: ['-size', '-21c'] },
  { kind: 'size', value: '>1k', find: ['-size', '+1023c'] },
  { kind: 'size', value: '0', find: ['-size', '0c'] },
  { kind: 'size', value: '18', find: ['-size', '18c'] },
  { kind: 'mtime', value: '<5d', find: ['-newermt', daysAgo(5)] },
  { kind: 'mtime', value: '>72h', find: ['!', '-newermt', daysAgo(3)] },
  { kind: 'mtime', value: '<43200m', find: ['-newermt', daysAgo(30)] },
  { kind: 'mode', value: '^-rw-r--r--$', find: ['-type', 'f', '-perm', '0644'] },
  { kind: 'mode', value: '^ug?r', find: ['-type', 'f', '-perm', '-4000'] },
  { kind: 'mode', value: '^L', find: ['-type', 'l'] },
  { kind: 'mode', value: '^[dp]', find: ['-type', 'd', '-o', '-type', 'p'] },
  { kind: 'mode', value: 'x$', find: ['-perm', '-0001'] },
  pattern('content', 'foo'),
  pattern('content', '!foo'),
  pattern('content', '^foo$'),
  pattern('content', '!^$'),
  pattern('content', 'o'),
  pattern('content', '^[^:]*$'),
  pattern('content', '(root|secret)'),
  pattern('content', '[0-9]{3}\\.[0-9]'),
  pattern('content', '^'),
  { kind: 'md5', value: sumOf('md5sum', 'foo\n'), sum: ['md5sum'] },
  { kind: 'sha1', value: sumOf('sha1sum', '').toUpperCase(), sum: ['sha1sum'] },
  { kind: 'sha2', value: sumOf('sha256sum', ''), sum: ['sha256sum'] },
  { kind: 'sha2', value: sumOf('sha384sum', 'foo\n'), sum: ['sha384sum'] },
  { kind: 'sha2', value: sumOf('sha512sum', 'foo'), sum: ['sha512sum'] },
  ...['224', '256', '384', '512'].map((bits): KnownFilter => {
    const sum = ['openssl', 'dgst', '-r', `-sha3-${bits}`];
    const text = execFileSync(sum[0]!, sum.slice(1), { input: bits === '256' ? 'foo\n' : '' }).toString();
    return { kind: 'sha3', value: text.slice(0, text.indexOf(' ')), sum };
  }),
];

function sumOf(program: string, text: string): string {
  return execFileSync(program, { input: text }).toString().replace(/ .*\n/, '');
}

const lists = {
  name: 'names',
  size: 'sizes',
  mode: 'modes',
  mtime: 'mtimes',
  content: 'contents',
  md5: 'md5',
  sha1: 'sha1',
  sha2: 'sha2',
  sha3: 'sha3',
} as const satisfies Record<FilterName, string>;

/** Asks the module, and gives its answer in the form of the oracle's. */
async function ask(root: string, search: KnownSearch): Promise<string[]> {
  const { filters, ...options } = search;
  const byList: Record<string, string[]> = {};
  for (const { kind, value } of filters) byList[lists[kind]] = [...(byList[lists[kind]] ?? []), value];
  const result = await run(file, { searches: { s: { paths: [root], ...byList, options } } });
  expect(result.errors).toBeNull();
  const hits = (result.elements as { s: Hit[] }).s;
  return hits.map(({ file: path, search: matched }) => {
    if (options.matchall) return path;
    const [kind] = filterNames.filter((name) => matched[lists[name]] !== undefined);
    return `${path}\0${kind}\0${matched[lists[kind!]]![0]}`;
  });
}

async function compare(search: KnownSearch): Promise<void> {
  for (const { root, oracle } of trees)
    expect((await ask(root, search)).sort()).toEqual([...oracle.answer(search)].sort());
}

describe('finds what find, grep, md5sum and its kin, and openssl find', () => {
  test.each(known.map((filter) => [filter.kind, filter.value, filter] as const))(
    'by %s %s alone',
    async (kind, _, filter) => {
      for (const mismatch of [[], [kind]]) {
        await compare({ filters: [filter], matchall: true, macroal: false, mismatch, decompress: false, maxdepth: 0 });
      }
    },
  );

  const contents = known.filter(({ kind }) => kind === 'content');
  const switches = [true, false].flatMap((matchall) =>
    [true, false].flatMap((macroal) => [true, false].map((mismatch) => ({ matchall, macroal, mismatch }))),
  );
  test.each(switches)('by content, with %o, one filter and two', async ({ matchall, macroal, mismatch }) => {
    for (const [at, first] of contents.entries()) {
      const second = contents[(at + 1) % contents.length]!;
      for (const filters of [[first], [first, second]]) {
        const inverted: FilterName[] = mismatch ? ['content'] : [];
        await compare({ filters, matchall, macroal, mismatch: inverted, decompress: at % 2 === 0, maxdepth: 0 });
      }
    }
  });

  test('by any filters together, with any options', async () => {
    const search = fc.record({
      filters: fc.uniqueArray(fc.constantFrom(...known), { minLength: 1, maxLength: 4 }),
      matchall: fc.boolean(),
      macroal: fc.boolean(),
      mismatch: fc.uniqueArray(fc.constantFrom(...filterNames), { maxLength: 3 }),
      decompress: fc.boolean(),
      maxdepth: fc.constantFrom(0, 0, 1, 2, 3),
    });
    await fc.assert(fc.asyncProperty(search, compare), { numRuns: 60 });
  });
});
