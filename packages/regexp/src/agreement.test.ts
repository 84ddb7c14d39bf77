import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareAll, run } from '../test/agreement.ts';
import { anyLongCase, compareLong } from '../test/long-inputs.ts';
import { anyInput, anyPattern } from '../test/random-pattern.ts';
import { compile, compileSet } from './index.ts';
import { createKernel } from './kernel/kernel.ts';
import { createPlainKernel } from './kernel/plain-kernel.ts';

test('test, find, match and scans say of any bytes what re2js says, wherever the input is cut, from either kernel', () => {
  const patterns = fc.array(anyPattern, { minLength: 1, maxLength: 4 });
  const inputs = fc.array(anyInput, { minLength: 1, maxLength: 24 });
  fc.assert(fc.property(patterns, inputs, fc.integer({ min: 1, max: 40 }), compareAll), { numRuns: 250 });
});

test('of long inputs, scans say what each pattern says of each line', () => {
  const kernels = [createKernel(), createPlainKernel()];
  const property = fc.property(anyLongCase, fc.constantFrom(...kernels), compareLong);
  fc.assert(property, { numRuns: 160 });
});

test('texts are matched as their UTF-8 bytes', () => {
  fc.assert(
    fc.property(anyPattern, fc.string({ unit: 'grapheme', maxLength: 20 }), (pattern, text) => {
      let regexp: ReturnType<typeof compile>;
      try {
        regexp = compile(pattern);
      } catch {
        return;
      }
      const bytes = new TextEncoder().encode(text);
      expect([regexp.test(text), regexp.find(text)]).toEqual([regexp.test(bytes), regexp.find(bytes)]);
    }),
  );
});

test('finds the files that grep -P finds: NUL, CRLF, empty lines, no final newline, bytes that are no UTF-8', () => {
  const patterns = [
    '^abc',
    'b$',
    '^$',
    '\\r$',
    '^\\r$',
    'a\\x00b',
    '(a|b)+c',
    '\\bpass\\b',
    '(?i)PASS[a-z]*',
    '^(?:a.*)?$',
  ].concat([
    '[^a-z]pass',
    'a{17,}',
    '(ab){5}',
    '^[^k]*$',
    '[0-9]+-[0-9]',
    '\\Apass',
    'password\\z',
    'k.*s.*k',
    '\\s\\s',
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'mig-regexp-'));
  try {
    const files = fc.sample(anyInput, { numRuns: 400, seed: 7 });
    files.forEach((bytes, i) => {
      writeFileSync(join(folder, `f${i}`), bytes);
    });
    const scan = compileSet(patterns).scan();
    const found = patterns.map(() => [] as string[]);
    files.forEach((bytes, i) => {
      run(scan, bytes, 5);
      for (const [p, matched] of scan.matched.entries()) if (matched === 1) found[p]!.push(`f${i}`);
    });
    const listed = patterns.map((pattern) => grep(pattern, folder));
    expect(found.map((names) => names.sort())).toEqual(listed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** In the C locale, so that a character is a byte: the patterns do not tell the two apart. */
function grep(pattern: string, cwd: string): string[] {
  try {
    const env = { ...process.env, LC_ALL: 'C' };
    const listed = execFileSync('grep', ['-r', '-a', '-l', '-P', '-e', pattern], { cwd, env, encoding: 'utf8' });
    return listed.trim().split('\n').sort();
  } catch (error) {
    if ((error as { status?: number }).status === 1) return [];
    throw new Error('the tests compare with GNU grep that has -P: apt-get install grep', { cause: error });
  }
}
