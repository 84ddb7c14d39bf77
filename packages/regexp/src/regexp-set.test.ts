import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKernel } from './kernel/kernel.ts';
import { createPlainKernel } from './kernel/plain-kernel.ts';
import { findPrefilter } from './prefilter/prefilter.ts';
import { compileProgram } from './program/compile-program.ts';
import { simplify } from './program/simplify.ts';
import { compileSet } from './regexp-set.ts';
import { AutomatonScan } from './scan/automaton-scan.ts';
import type { Scan } from './scan/scan.ts';
import { parse } from './syntax/parse.ts';
import { compareScans } from './testing/disagreement.ts';
import { Dice, randomBytes, randomPattern, randomText } from './testing/random-patterns.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-regexp-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function scanAll(scan: Scan, bytes: Uint8Array, piece = 65_536): Scan {
  scan.reset();
  for (let at = 0; at < bytes.length; ) {
    const room = scan.room();
    const part = bytes.subarray(at, at + Math.min(piece, room.length));
    room.set(part);
    at += part.length;
    if (scan.advance(part.length)) return scan;
  }
  scan.end();
  return scan;
}

describe('compileSet', () => {
  // `npm run fuzz -- regexp` goes on with this.
  test('gives for lines in pieces what each pattern gives for each line alone', () => {
    const dice = new Dice(104_729);
    let pairs = 0;
    while (pairs < 8_000) {
      const { pairs: more, disagreement } = compareScans(dice);
      expect(disagreement).toBeUndefined();
      pairs += more + 1;
    }
  });

  test('finds the files that rg finds, with every kind of prefilter (in UTF-8: of other bytes rg has another opinion than Go)', () => {
    const dice = new Dice(42);
    const patterns = [
      'zqx',
      'root:.*pass',
      '(?i)pass',
      '^abc',
      'a.b$',
      '[a-c]{16,}',
      '\\bK\\b',
      '^$',
      '\\d_\\d',
      'é|€',
      '[^a-z\\n]x',
      '\\r$',
    ];
    const files = Array.from({ length: 150 }, (_, i) => {
      const bytes = Buffer.from(randomText(dice, 60));
      writeFileSync(join(folder, `f${i}`), bytes);
      return bytes;
    });
    const scan = compileSet(patterns).scan();
    const found = patterns.map(() => [] as string[]);
    for (const [i, bytes] of files.entries()) {
      for (const [p, matched] of scanAll(scan, bytes).matched.entries()) if (matched === 1) found[p]!.push(`f${i}`);
    }
    patterns.forEach((pattern, p) => {
      // \b is of ASCII in RE2, and of Unicode in rg unless it is told.
      const same = pattern.replaceAll('\\b', '(?-u:\\b)');
      const listed = runRg(['-uuu', '-a', '-l', '--no-messages', '--', same, '.']);
      expect([pattern, found[p]!.sort()]).toEqual([pattern, listed.map((name) => name.replace('./', '')).sort()]);
    });
  });

  test('keeps its place over lines of any length, and over the edges of pieces', () => {
    const long = Buffer.concat([
      Buffer.alloc(300_000, 'x'),
      Buffer.from('needle'),
      Buffer.alloc(300_000, 'y'),
      Buffer.from('\nlast'),
    ]);
    const scan = compileSet(['^x+needley+$', '^last$', '^y', 'xn']).scan();
    for (const piece of [1, 7, 4096, 65_536, 131_072])
      expect([...scanAll(scan, long, piece).matched]).toEqual([1, 1, 0, 1]);
  });

  test('an empty input has no line, and a newline at the end opens none', () => {
    const scan = compileSet(['^$']).scan();
    const on = (text: string) => scanAll(scan, Buffer.from(text)).matched[0];
    expect(['', 'a', 'a\n', '\n', 'a\n\n', '\na'].map(on)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test('a text without a byte leaves nothing behind for the next one', () => {
    const scan = compileSet(['\\B'], { lines: false }).scan();
    const on = (text: string) => scanAll(scan, Buffer.from(text)).matched[0];
    expect(['a', '', 'a', '', 'ab'].map(on)).toEqual([0, 1, 0, 1, 1]);
  });

  test('answers for every line', () => {
    const scan = compileSet(['^a', '.']).scan(['every', 'some']);
    const on = (text: string) => [scanAll(scan, Buffer.from(text)).missed[0], scan.matched[1]];
    expect(['', 'a', 'a\nab\n', 'a\nb', 'b\n'].map(on)).toEqual([
      [0, 0],
      [0, 1],
      [0, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  test('reads no further once all is decided', () => {
    const scan = compileSet(['a', 'b']).scan();
    scan.reset();
    scan.room().set(Buffer.from('xa\n'));
    expect(scan.advance(3)).toBe(false);
    scan.room().set(Buffer.from('b\n'));
    expect(scan.advance(2)).toBe(true);
  });

  test('has the same answers from the kernel in WebAssembly and the one in TypeScript', () => {
    const dice = new Dice(99);
    for (let i = 0; i < 300; i++) {
      const trees = [randomPattern(dice, 3), randomPattern(dice, 2)].flatMap((pattern) => {
        try {
          return [simplify(parse(pattern))];
        } catch {
          return [];
        }
      });
      if (trees.length === 0) continue;
      const plan = {
        program: compileProgram(trees, { lines: true }),
        lines: true,
        prefilter: findPrefilter(trees),
        questions: trees.map(() => 'some' as const),
      };
      const [fast, plain] = [new AutomatonScan(plan, createKernel()), new AutomatonScan(plan, createPlainKernel())];
      for (let j = 0; j < 10; j++) {
        const bytes = randomBytes(dice, 40);
        expect([...scanAll(fast, bytes, 16).matched]).toEqual([...scanAll(plain, bytes, 16).matched]);
      }
    }
  });
});

function runRg(words: readonly string[]): string[] {
  try {
    return execFileSync('rg', words, { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  } catch (error) {
    const { status, code } = error as { status?: number; code?: string };
    if (code === 'ENOENT') throw new Error("the tests compare with rg: install Debian's package ripgrep");
    if (status === 1) return [];
    throw error;
  }
}
