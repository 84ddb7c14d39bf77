import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@mig/module/testing';
import { expect, test } from 'vitest';
import { type Elements, memory, type Statistics } from './memory.ts';
import { scanProcesses } from './scan-processes.ts';
import { type HeldRegion, type Holder, withHolder } from './testing/memory-holder.ts';

const page = 4096;
/** What the module reads at a time. */
const piece = 262_144;

/** Sixteen letters that stand nowhere else. */
function word(): string {
  return Array.from(randomBytes(16), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
}

function hexOf(text: string, encoding: BufferEncoding = 'latin1'): string {
  return Buffer.from(text, encoding).toString('hex');
}

/** Runs `searches` over `holder` alone: in a folder of processes that names no other. */
async function runOver(holder: Holder, searches: object) {
  const root = mkdtempSync(join(tmpdir(), 'mig-proc-'));
  symlinkSync('/proc/self', join(root, 'self'));
  symlinkSync(`/proc/${holder.pid}`, join(root, String(holder.pid)));
  const here = { ...memory, run: (context: Parameters<typeof scanProcesses>[0]) => scanProcesses(context, root) };
  const result = await run(here, { searches });
  rmSync(root, { recursive: true });
  return { result, statistics: result.statistics as Statistics };
}

/** Runs one search over `holder` alone, and gives what it found there. */
async function search(holder: Holder, filters: object, options: object = {}) {
  const { result, statistics } = await runOver(holder, { s1: { ...filters, options } });
  return { result, statistics, found: (result.elements as Elements)['s1']! };
}

/** The contents and bytes that were found, each by itself. */
function valuesOf(found: Elements[string]): string[] {
  return found.flatMap(({ search: { contents, bytes } }) => [...contents, ...bytes]);
}

test('finds text, UTF-16 and raw bytes at the start and the end of a region, by contents and by bytes', async () => {
  const [first, last, wide, raw] = [word(), word(), word(), randomBytes(24)];
  const regions: HeldRegion[] = [
    {
      pages: 300,
      touch: true,
      puts: [
        [0, Buffer.from(first)],
        [300 * page - 16, Buffer.from(last)],
      ],
    },
    {
      pages: 3,
      puts: [
        [page - 7, Buffer.from(wide, 'utf16le')],
        [2 * page - 11, raw],
      ],
    },
  ];
  await withHolder(regions, async (holder) => {
    const contents = [first, last, [...wide].join('\\x00')];
    const bytes = [hexOf(first), hexOf(last), hexOf(wide, 'utf16le'), raw.toString('hex')];
    const { found, result } = await search(holder, { contents, bytes });
    expect(valuesOf(found)).toEqual([...contents, ...bytes]);
    expect(found[0]!.process.name).toBe(holder.executable);
    expect(result.foundanything).toBe(true);
  });
});

test('finds what the edge of a read cuts, wherever it cuts', async () => {
  const cut = Array.from({ length: 17 }, () => [word(), word(), word()]);
  const regions = cut.map((words, before) => ({
    pages: (4 * piece) / page,
    touch: true,
    puts: words.map((text, edge) => [(edge + 1) * piece - before, Buffer.from(text)] as const),
  }));
  await withHolder(regions, async (holder) => {
    const contents = cut.flat();
    const bytes = contents.map((text) => hexOf(text));
    const { found } = await search(holder, { contents, bytes });
    expect(valuesOf(found)).toEqual([...contents, ...bytes]);
  });
});

test('finds what two mappings side by side share', async () => {
  const text = word();
  await withHolder([{ pages: 2, stripes: true, puts: [[page - 8, Buffer.from(text)]] }], async (holder) => {
    const { found } = await search(holder, { contents: [text], bytes: [hexOf(text)] });
    expect(valuesOf(found)).toEqual([text, hexOf(text)]);
  });
});

test('takes pages that were never touched for zeros, and reads none of them', async () => {
  const [before, after] = [word(), word()];
  const pages = 4 * 1024 * 1024;
  const puts = [
    [0, Buffer.from(before)],
    [pages * page - 16, Buffer.from(after)],
  ] as const;
  await withHolder([{ pages, puts }], async (holder) => {
    const contents = [`${before}\\x00{16}`, `\\x00{16}${after}$`];
    const { found, statistics } = await search(
      holder,
      { names: [`^${holder.executable}$`], contents: [contents.join('|')], bytes: [] },
      { matchall: true },
    );
    expect(found).toHaveLength(1);
    expect(statistics.memoryread).toBeLessThan(pages * page);
    const each = await search(holder, { contents });
    expect(valuesOf(each.found)).toEqual(contents);
  });
});

test('agrees with yara on the same process and the same byte strings, found or not', async () => {
  const [there, absent] = [word(), word()];
  const folder = mkdtempSync(join(tmpdir(), 'mig-memory-'));
  try {
    await withHolder([{ pages: 80, touch: true, puts: [[70_001, Buffer.from(there)]] }], async (holder) => {
      const rules = [there, absent].map((text, i) => `rule r${i} { strings: $a = { ${hexOf(text)} } condition: $a }`);
      writeFileSync(join(folder, 'rules.yar'), rules.join('\n'));
      const printed = yara([join(folder, 'rules.yar'), String(holder.pid)]);
      const { found } = await search(holder, { bytes: [hexOf(there), hexOf(absent)] });
      expect(printed.map((line) => line.split(' ')[0])).toEqual(['r0']);
      expect(valuesOf(found)).toEqual([hexOf(there)]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function yara(words: readonly string[]): string[] {
  try {
    return execFileSync('yara', words, { encoding: 'utf8' }).trim().split('\n');
  } catch (cause) {
    throw new Error('this test compares with yara: install the Debian package yara', { cause });
  }
}

test('reads from an address on, and stops after a number of bytes', async () => {
  const [early, late] = [word(), word()];
  const puts = [
    [0, Buffer.from(early)],
    [60 * page, Buffer.from(late)],
  ] as const;
  await withHolder([{ pages: 64, touch: true, puts }], async (holder) => {
    const start = holder.addresses[0]!;
    const contents = [early, late];
    const bytes = contents.map((text) => hexOf(text));
    const found = async (options: object) => valuesOf((await search(holder, { contents, bytes }, options)).found);
    expect(await found({ offset: start })).toEqual([...contents, ...bytes]);
    expect(await found({ offset: start + 1 })).toEqual([late, hexOf(late)]);
    expect(await found({ offset: start, maxlength: 60 * page + 15 })).toEqual([early, hexOf(early)]);
    expect(await found({ offset: start, maxlength: 60 * page + 16 })).toEqual([...contents, ...bytes]);
    expect(await found({ offset: start + 61 * page, maxlength: page })).toEqual([]);
  });
});

test('with matchall returns the whole search for a process that every filter matches, and nothing else', async () => {
  const [one, two, absent] = [word(), word(), word()];
  const puts = [
    [9, Buffer.from(one)],
    [5000, Buffer.from(two)],
  ] as const;
  await withHolder([{ pages: 2, puts }], async (holder) => {
    const filters = {
      names: [`^${holder.executable}$`],
      libraries: ['/libc\\.so'],
      contents: [one],
      bytes: [hexOf(two)],
    };
    const { found, result } = await search(holder, filters, { matchall: true });
    expect(found).toEqual([
      {
        process: { name: holder.executable, pid: holder.pid },
        search: { ...filters, options: { offset: 0, maxlength: 0, logfailures: false, matchall: true } },
      },
    ]);
    expect((result.elements as Elements)['s1']).toHaveLength(1);
    const missed = await search(holder, { ...filters, contents: [one, absent] }, { matchall: true });
    expect(missed.result.elements).toEqual({ s1: [] });
    const other = await search(holder, { ...filters, names: ['^/no/such$'] }, { matchall: true });
    expect(other.statistics).toMatchObject({ memoryread: 0, totalhits: 0 });
  });
});

test('reads each byte once for many searches, and stops as soon as all are decided', async () => {
  const text = word();
  await withHolder([{ pages: 5000, touch: true, puts: [[0, Buffer.from(text)]] }], async (holder) => {
    const one = { names: [`^${holder.executable}$`], contents: [word()], options: { matchall: true } };
    const alone = (await runOver(holder, { a: one })).statistics;
    const searches = { a: one, b: { ...one, contents: [], bytes: [hexOf(word())] }, c: { ...one, contents: [word()] } };
    const together = (await runOver(holder, searches)).statistics;
    expect(together.memoryread).toBeGreaterThan(5000 * page);
    expect(Math.abs(together.memoryread - alone.memoryread)).toBeLessThan(1 << 20);
    const early = { ...one, contents: [text], options: { matchall: true, offset: holder.addresses[0]! } };
    const decided = (await runOver(holder, { early })).statistics;
    expect(decided.memoryread).toBeLessThanOrEqual(2 * piece);
  });
});

test('does not find the question in the process that asks it', async () => {
  const text = word();
  const result = await run(memory, { searches: { s1: { contents: [text], bytes: [hexOf(text)] } } });
  const pids = (result.elements as Elements)['s1']!.map(({ process }) => process.pid);
  expect(pids).not.toContain(process.pid);
});
