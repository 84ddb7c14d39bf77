import { describe, expect, test } from 'vitest';
import { compile } from './regexp.ts';
import { RegexpSyntaxError } from './syntax/regexp-syntax-error.ts';
import { compareWithRe2js } from './testing/disagreement.ts';
import { Dice } from './testing/random-patterns.ts';

describe('compile', () => {
  test.each([1, 2, 3, 4])('agrees with re2js on what it accepts, finds, and where (seed %i)', (seed) => {
    const dice = new Dice(seed * 7919);
    let pairs = 0;
    while (pairs < 15_000) {
      const { pairs: more, disagreement } = compareWithRe2js(dice);
      expect(disagreement).toBeUndefined();
      pairs += more + 1;
    }
  });

  test.each([
    ['a**', 2, 'a repetition is repeated'],
    ['(?=a)', 0, 'look-around is not supported'],
    ['(?<!a)b', 0, 'look-around is not supported'],
    ['(a)\\1', 3, 'back-references are not supported'],
    ['[a', 0, 'the class is not closed'],
    ['[z-a]', 1, 'a range of characters runs backwards'],
    ['a{1001}', 1, 'a count asks for more than 1000'],
    ['((a{100}){11})', 9, 'nested counts ask for more than 1000'],
    ['x{2,1}', 1, 'a count runs backwards'],
    ['(?P<n>a)(?P<n>b)', 8, "two groups are called 'n'"],
    ['[[:foo:]]', 1, "no POSIX class is called 'foo'"],
    ['\\p{Nosuch}', 0, "no Unicode class is called 'Nosuch'"],
    ['a\\', 1, 'a backslash ends the pattern'],
    ['(a', 0, 'the group is not closed'],
    ['a)', 1, 'a ) without its ('],
    ['(?z)', 0, 'expected flags of RE2'],
    ['*a', 0, 'nothing stands before the repetition'],
    ['\\x{110000}', 0, 'beyond the last code point'],
    ['\\y', 0, '\\y is not an escape'],
  ])('refuses %j at position %i: %s', (pattern, position, reason) => {
    let error: unknown;
    try {
      compile(pattern);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RegexpSyntaxError);
    expect(error).toMatchObject({ pattern, position });
    expect((error as RegexpSyntaxError).message).toContain(reason);
  });

  test('refuses a pattern that grows too large, and says what to do', () => {
    expect(() => compile('((\\pL{10}){10}){10}'.repeat(2))).toThrow(
      /compile to 600002 instructions, more than the 100000 that are allowed: use smaller counts/,
    );
  });

  test('takes a byte that is no UTF-8 for one character, U+FFFD, as Go does', () => {
    const bytes = (...values: number[]) => Uint8Array.from(values);
    expect(compile('^.$').test(bytes(0xff))).toBe(true);
    expect(compile('^..$').test(bytes(0xe2, 0x82))).toBe(true);
    expect(compile('^.$').test(bytes(0xe2, 0x82))).toBe(false);
    expect(compile('^.$').test(bytes(0xe2, 0x82, 0xac))).toBe(true);
    expect(compile('^\\x{FFFD}$').test(bytes(0x80))).toBe(true);
    expect(compile('^[^€]b').test(bytes(0xe2, 0x82, 0xac, 0x62))).toBe(false);
    expect(compile('^...$').test(bytes(0xed, 0xa0, 0x80))).toBe(true);
  });

  test('folds case beyond ASCII', () => {
    expect(compile('(?i)^straße$').test('STRAẞE')).toBe(true);
    expect(compile('(?i)^kelvin$').test('KELVIN')).toBe(true);
    expect(compile('(?i)^σ+$').test('Σσς')).toBe(true);
    expect(compile('(?i)^ı$').test('I')).toBe(false);
  });

  test('finds the match that a backtracking engine prefers', () => {
    expect(compile('(a|ab)(c|bcd)').find('xabcd')).toEqual({ start: 1, end: 5 });
    expect(compile('a+?').find('aaa')).toEqual({ start: 0, end: 1 });
    expect(compile('€+').find('a€€')).toEqual({ start: 1, end: 7 });
    expect(compile('nothing').find('else')).toBeUndefined();
  });
  test('judges alike before and after its states fill a table, text after text', () => {
    const pattern = '^(x|y)*x(x|y){9}!?$';
    const regexp = compile(pattern);
    const truth = new RegExp(pattern);
    const dice = new Dice(7);
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: 5 + dice.roll(40) }, () => 'xy'[dice.roll(2)]).join('');
      expect([text, regexp.test(text)]).toEqual([text, truth.test(text)]);
      expect(regexp.test(Buffer.from(`${text}!`))).toBe(truth.test(`${text}!`));
    }
  });
});
