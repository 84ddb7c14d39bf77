/** Lines across the edges of pieces, with and without what the prefilter looks for before, at and behind the edge. */
import { describe, expect, test } from 'vitest';
import { run } from '../../test/agreement.ts';
import { createPlainKernel } from '../kernel/plain-kernel.ts';
import { findPrefilter } from '../prefilter/prefilter.ts';
import { simplify } from '../program/simplify.ts';
import { compile } from '../regexp.ts';
import { compileSet } from '../regexp-set.ts';
import { parse } from '../syntax/parse.ts';
import { Dice } from '../testing/random-patterns.ts';

const pattern = 'ab[a-z]*quix[0-9]';
const whole = /ab[a-z]*quix[0-9]/;

describe('a line across the edges of pieces', () => {
  test.each([10, 40_000, 65_535, 65_537, 131_072, 300_000])('of %i bytes is judged as a whole', (length) => {
    const scans = [compileSet([pattern]).scan(), compileSet([pattern]).scan('some', createPlainKernel())];
    for (const [before, found] of [
      [0, 'abquix1'],
      [length - 8, 'abquix1'],
      [Math.floor(length / 2), 'abccquix7'],
      [Math.floor(length / 3), 'abccquix'],
      [5, `ab${'x'.repeat(Math.max(0, length - 20))}quix5`],
    ] as const) {
      const line = `${' '.repeat(Math.max(0, before))}${found}`.padEnd(length, '.');
      for (const shift of [0, 1, 131_070, 131_071, 131_072, 131_073 - Math.min(length, 100_000)]) {
        const input = Buffer.from(`${'a line\n'.repeat(30_000).slice(0, Math.max(0, shift - 1))}\n${line}\nend`);
        for (const scan of scans) {
          run(scan, input, 131_072);
          expect([shift, found.slice(0, 12), scan.matched[0]]).toEqual([
            shift,
            found.slice(0, 12),
            whole.test(line) ? 1 : 0,
          ]);
        }
      }
    }
  });

  test('is judged the same however the input is cut', () => {
    const dice = new Dice(20_261_125);
    const scan = compileSet([pattern, '^quix$', 'b\\.?a$']).scan();
    const parts = ['ab', 'quix', '1', '\n', 'zz', '.', 'a', 'b', '\nquix\n'];
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: dice.roll(30) }, () => parts[dice.roll(parts.length)]).join('');
      const lines = text.split('\n');
      if (lines.at(-1) === '') lines.pop();
      const wanted = [whole, /^quix$/, /b\.?a$/].map((one) => (lines.some((line) => one.test(line)) ? 1 : 0));
      run(scan, Buffer.from(text), 1 + dice.roll(9));
      expect([text, [...scan.matched]]).toEqual([text, wanted]);
    }
  });

  // Of those that have a reach, only the last bytes are kept: the cuts are smaller than that.
  test.each([
    { hasReach: true, patterns: ['\\bquix'] },
    { hasReach: true, patterns: ['\\Bquix\\b'] },
    { hasReach: true, patterns: ['quix[a-z]*[0-9]'] },
    { hasReach: true, patterns: ['[^a]quix'] },
    { hasReach: true, patterns: ['\\x{fffd}quix'] },
    { hasReach: true, patterns: ['(b+){0}quix'] },
    { hasReach: true, patterns: ['a(?:(b+){0}quix|quix1)'] },
    { hasReach: true, patterns: ['é{1,2}a?quix.*z'] },
    { hasReach: true, patterns: ['(?i)QUIX(1|zz)'] },
    { hasReach: true, patterns: ['quix|[ab]b\\.a', 'zz1.*ab'] },
    { hasReach: false, patterns: ['^quix', 'zzquix'] },
    { hasReach: false, patterns: ['(^|b)quix'] },
    { hasReach: false, patterns: ['b[a-z]*quix'] },
  ])('(with a reach: $hasReach) is judged as a whole by $patterns', ({ hasReach, patterns }) => {
    const trees = patterns.map((one) => simplify(parse(one)));
    expect(findPrefilter(trees)?.reach !== undefined).toBe(hasReach);
    const singles = patterns.map((one) => compile(one));
    const scans = [compileSet(patterns).scan(), compileSet(patterns).scan('some', createPlainKernel())];
    const parts = ['ab', 'quix', 'QUIX', '1', '\n', 'zz', '.', 'a', 'b', ' ', 'é', '€', '\u{1f600}'].map((text) =>
      Buffer.from(text),
    );
    parts.push(Buffer.from([0xff]), Buffer.from([0xe2, 0x82]), Buffer.from([0xa9]), Buffer.from('quix'));
    const dice = new Dice(20_261_124);
    for (let round = 0; round < 1500; round++) {
      const bytes = Buffer.concat(Array.from({ length: dice.roll(40) }, () => parts[dice.roll(parts.length)]!));
      const lines = bytes.toString('latin1').split('\n');
      if (lines.at(-1) === '') lines.pop();
      const wanted = singles.map((one) =>
        Number(lines.some((line) => one.find(Buffer.from(line, 'latin1')) !== undefined)),
      );
      for (const scan of scans) {
        run(scan, bytes, 1 + dice.roll(5));
        expect([bytes.toString('latin1'), [...scan.matched]]).toEqual([bytes.toString('latin1'), wanted]);
      }
    }
  });
});
