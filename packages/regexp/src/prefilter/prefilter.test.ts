import { describe, expect, test } from 'vitest';
import { createKernel } from '../kernel/kernel.ts';
import { layout } from '../kernel/layout.ts';
import { createPlainKernel } from '../kernel/plain-kernel.ts';
import { simplify } from '../program/simplify.ts';
import { parse } from '../syntax/parse.ts';
import { Dice } from '../testing/random-patterns.ts';
import { findPrefilter } from './prefilter.ts';
import { writePrefilter } from './write-prefilter.ts';

function kindOf(...patterns: string[]): string | undefined {
  return findPrefilter(patterns.map((pattern) => simplify(parse(pattern))))?.kind;
}

describe('findPrefilter', () => {
  test.each([
    ['mysql://[a-z]+:', 'forms'],
    ['(?i)password=', 'forms'],
    ['^root:', 'forms'],
    ['.*user.*=.*admin', 'forms'],
    ['[0-9]{1,3}(\\.[0-9]{1,3}){3}', 'fingerprints'],
    ['AKIA|xoxb|ghp_', 'fingerprints'],
    ['[A-Za-z0-9+/]{100,}', 'longRun'],
    ['x[0-9a-f]{32}', 'longRun'],
    ['[a-z]+ [a-z]+', undefined],
    ['.', undefined],
    ['^$', undefined],
    ['', undefined],
  ])('for %s: %s', (pattern, kind) => {
    expect(kindOf(pattern)).toBe(kind);
  });

  test('has none for a set in which one pattern has none', () => {
    expect([kindOf('nosuchword', 'otherword'), kindOf('nosuchword', '[a-z]+')]).toEqual(['fingerprints', undefined]);
  });

  test('says where the rarest bytes of a word stand, in either case', () => {
    const prefilter = findPrefilter([parse('(?i)xaq')]);
    expect(prefilter).toMatchObject({
      forms: [
        { mask: 0xdf, value: 0x58, distance: 0 },
        { mask: 0xdf, value: 0x41, distance: 1 },
        { mask: 0xdf, value: 0x51, distance: 2 },
      ],
    });
  });
});

describe('the search by fingerprints', () => {
  test('stops where a whole sequence may stand, and nowhere else, whatever the sets, from either kernel', () => {
    const dice = new Dice(20_261_126);
    const letter = () => 'abcdxyzABX019'[dice.roll(13)]!;
    const word = () => Array.from({ length: 3 + dice.roll(20) }, letter).join('');
    for (let round = 0; round < 300; round++) {
      const words = Array.from({ length: 2 + dice.roll(30) }, word);
      const ignoresCase = dice.roll(2) === 0;
      const prefilter = findPrefilter(words.map((one) => simplify(parse(ignoresCase ? `(?i)${one}` : one))));
      if (prefilter?.kind !== 'fingerprints') continue;
      const folded = (text: string) => (ignoresCase ? text.toLowerCase() : text);
      const parts = [...words.map((one) => one.slice(0, -1)), word(), ' ', '\n', ...(round % 2 === 0 ? words : [])];
      const text = Array.from({ length: 40 }, () => parts[dice.roll(parts.length)]!).join('');
      const holds = words.some((one) => folded(text).includes(folded(one)));
      for (const kernel of [createKernel(), createPlainKernel()]) {
        const memory = new Uint8Array(kernel.memory);
        writePrefilter(prefilter, memory);
        memory.set(Buffer.from(text), layout.input);
        const end = layout.input + text.length;
        const found = kernel.sequence(layout.input, end);
        if (holds) expect(found).toBeLessThan(end);
        // Sixteen bytes are compared: a longer word may differ in the rest.
        else if (words.every(({ length }) => length <= 16)) expect([words, text, found]).toEqual([words, text, end]);
      }
    }
  });
});
