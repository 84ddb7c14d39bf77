import { expect, test } from 'vitest';
import { run } from '../../test/agreement.ts';
import { compileSet } from '../index.ts';
import { createKernel } from '../kernel/kernel.ts';
import { createPlainKernel } from '../kernel/plain-kernel.ts';
import { Dice } from '../testing/random-patterns.ts';

/** Lines of a and b with a c at the end: whether one matches depends on the letter 18 places before, `right` when it does. */
function randomLine(dice: Dice, right: boolean): string {
  const letters = Array.from({ length: 60 }, () => (dice.roll(1 << 20) >> 19 === 0 ? 'a' : 'b'));
  letters[41] = right ? 'a' : 'b';
  return `${letters.join('')}c\n`;
}

test('keeps every lane in its state when the table overflows while another one is stepped', () => {
  const dice = new Dice(5);
  const lines = Array.from({ length: 9000 }, () => randomLine(dice, true));
  const set = compileSet(['a[ab]{18}c']);
  const scans = [set.scan('every', createKernel()), set.scan('every', createPlainKernel())];
  for (const wrongAt of [undefined, 100, 1000, 4000, 8999]) {
    const input = Buffer.from(lines.map((line, i) => (i === wrongAt ? randomLine(dice, false) : line)).join(''));
    for (const scan of scans) {
      run(scan, input, 131_072);
      expect([wrongAt, scan.missed[0]]).toEqual([wrongAt, wrongAt === undefined ? 0 : 1]);
    }
  }
});

test('skips what is dead in every lane, and finds the line that is not', () => {
  const scan = compileSet(['^[0-9]+ [a-z]+$', '^\\s*$']).scan();
  for (const at of [0, 1, 777, 1500, 1999]) {
    const lines = Array.from({ length: 2000 }, (_, i) => (i === at ? '17 found' : `x${i} is a line that dies at once`));
    run(scan, Buffer.from(lines.join('\n')), 131_072);
    expect([at, [...scan.matched]]).toEqual([at, [1, 0]]);
  }
});

test('goes on right when lanes of unequal length are left after most patterns are decided', () => {
  const scan = compileSet(['a', 'b', '[x-z]+[0-9]+[x-z]+[0-9]+q']).scan();
  for (let shift = 0; shift < 40; shift++) {
    const before = 'ab 12\n'.repeat(1650);
    const after = 'ab 12\n'.repeat(2500);
    const wanted = 'zyx01zyx2345q\n';
    const input = `${before}${'-'.repeat(6000)}\n${after}${'ab x1\n'.repeat(shift)}${wanted}${after}`;
    run(scan, Buffer.from(input), 131_072);
    expect([shift, [...scan.matched]]).toEqual([shift, [1, 1, 1]]);
    run(scan, Buffer.from(input.replace(wanted, 'zyx01zyx2345\n')), 131_072);
    expect([shift, [...scan.matched]]).toEqual([shift, [1, 1, 0]]);
  }
});
