import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSearches, type Outcome } from './judge.ts';
import { libraryPaths, parseMappings, scannable } from './mappings.ts';
import { memory } from './memory.ts';
import { readPieces } from './memory-pieces.ts';
import { windowsOf } from './memory-window.ts';
import type { Run } from './touched-runs.ts';

/** Finds `hex` strings and patterns in what `runs` hold of a file that stands for a memory, in pieces of `pieceBytes`. */
function find(
  bytes: Buffer,
  runs: readonly Run[],
  pieceBytes: number,
  filters: { bytes: string[]; contents: string[] },
) {
  const folder = mkdtempSync(join(tmpdir(), 'mig-pieces-'));
  const file = openSync(join(folder, 'memory'), 'w+');
  try {
    writeSync(file, bytes);
    ftruncateSync(file, bytes.length);
    const { searches } = memory.parameters.parse({ searches: { s1: filters } });
    const labelled = compileSearches(searches);
    const outcome: Outcome = { names: new Set(), libraries: new Set(), contents: new Set(), bytes: new Set() };
    const [window] = windowsOf(labelled);
    window!.begin(new Map([[labelled[0]!, outcome]]));
    const options = { lookBack: window!.lookBack, pageBytes: 1, pieceBytes, onUnreadable: () => {} };
    for (const piece of readPieces(file, runs, options)) if (!window!.take(piece)) break;
    window!.end();
    return { bytes: [...outcome.bytes].sort((a, b) => a - b), contents: [...outcome.contents].sort((a, b) => a - b) };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

test('finds exactly the byte strings that stand in a run, whatever the bytes, the runs and the edges', () => {
  const cells = fc.array(fc.constantFrom(0, 1, 0x61), { minLength: 1, maxLength: 80 });
  const needles = fc.array(fc.array(fc.constantFrom(0, 1, 0x61), { minLength: 1, maxLength: 9 }), {
    minLength: 1,
    maxLength: 30,
  });
  const cuts = fc.array(fc.nat(80), { maxLength: 4 });
  fc.assert(
    fc.property(cells, needles, cuts, fc.integer({ min: 1, max: 20 }), (content, sought, places, pieceBytes) => {
      const bytes = Buffer.from(content);
      const edges = [...new Set([0, ...places.filter((place) => place < bytes.length), bytes.length])].sort(
        (a, b) => a - b,
      );
      // Every second stretch is left out; the others are read.
      const runs = edges.slice(1).flatMap((end, i) => (i % 2 === 0 ? [{ start: edges[i]!, end, isZero: false }] : []));
      const hex = [...new Set(sought.map((needle) => Buffer.from(needle).toString('hex')))];
      const patterns = hex.map((text) => text.replace(/../g, '\\x$&'));
      const expected = hex.flatMap((text, i) =>
        runs.some(({ start, end }) => bytes.subarray(start, end).includes(Buffer.from(text, 'hex'))) ? [i] : [],
      );
      const found = find(bytes, runs, pieceBytes, { bytes: hex, contents: patterns });
      expect(found).toEqual({ bytes: expected, contents: expected });
    }),
    { numRuns: 150 },
  );
});

test('gives zeros for pages that were never touched, up to 64 KiB of them', () => {
  const bytes = Buffer.from(`a${'x'.repeat(9)}b`);
  const runs = [
    { start: 0, end: 1, isZero: false },
    { start: 1, end: 10, isZero: true },
    { start: 10, end: 11, isZero: false },
  ];
  const found = find(bytes, runs, 4, {
    bytes: ['00'.repeat(9), '61'.concat('00'.repeat(9), '62'), '78'],
    contents: ['^a\\x00{9}b$'],
  });
  expect(found).toEqual({ bytes: [0, 1], contents: [0] });
});

test('reads the lines of maps as the kernel writes them', () => {
  const text = [
    '55d0c8a00000-55d0c8a21000 r-xp 00002000 08:01 1234    /usr/bin/a b',
    '55d0c8c00000-55d0c8c21000 rw-p 00000000 00:00 0       [heap]',
    '7f0000000000-7f0000001000 ---p 00000000 00:00 0 ',
    '7f0000001000-7f0000002000 r-xp 00000000 08:01 77      /usr/lib/libx.so.1 (deleted)',
    '7f0000002000-7f0000003000 r--p 00000000 08:01 77      /usr/lib/libx.so.1 (deleted)',
    '7f0000003000-7f0000004000 r--s 00000000 08:01 78      /usr/share/data',
    '7f0000004000-7f0000005000 rw-s 00000000 00:06 9       /dev/dri/card0',
    '7f0000005000-7f0000006000 rw-s 00000000 00:01 5       /dev/zero (deleted)',
    '7f0000006000-7f0000007000 rw-s 00000000 00:01 5       /dev/shm/x\\012y',
    '7ffd0a000000-7ffd0a004000 r--p 00000000 00:00 0       [vvar]',
    'ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0 [vsyscall]',
    '',
  ].join('\n');
  const mappings = parseMappings(text);
  expect(mappings).toHaveLength(11);
  expect(mappings[0]).toEqual({
    start: 0x55d0c8a00000,
    end: 0x55d0c8a21000,
    isReadable: true,
    isExecutable: true,
    isAnonymous: false,
    path: '/usr/bin/a b',
  });
  expect(scannable(mappings).map(({ path }) => path)).toEqual([
    '/usr/bin/a b',
    '[heap]',
    '/usr/lib/libx.so.1 (deleted)',
    '/usr/lib/libx.so.1 (deleted)',
    '/usr/share/data',
    '/dev/zero (deleted)',
    '/dev/shm/x\ny',
  ]);
  expect(libraryPaths(mappings, '/usr/bin/a b')).toEqual(['/usr/lib/libx.so.1 (deleted)']);
});
