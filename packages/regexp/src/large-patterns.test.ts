import { describe, expect, test } from 'vitest';
import { compile, compileSet, RegexpSizeError, RegexpSyntaxError } from './index.ts';

const ideographs = Array.from({ length: 20_000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');

describe('large patterns', () => {
  test.each([
    ['many parts that may be missing', 'a*'.repeat(20_000)],
    ['many alternatives', 'a|b|'.repeat(12_000)],
    ['many words', Array.from({ length: 3000 }, (_, i) => `word${i * 7919}`).join('|')],
    ['many groups', '(?:ab)'.repeat(15_000)],
    ['groups in groups', `${'('.repeat(400)}a${')*'.repeat(400)}`],
    ['a class of many characters', `[${ideographs}]`],
    ['counts in a count', '((a?)(b?)(c?)(d?)){1000}'],
  ])('%s are compiled and matched, without end of stack or memory', (_, pattern) => {
    const regexp = compile(pattern);
    const scan = compileSet([pattern]).scan();
    scan.room().set(Buffer.from('abcd\n'));
    scan.advance(5);
    expect(regexp.test('abcd')).toBe(scan.matched[0] === 1);
  });

  test.each([
    ['a{1000}'.repeat(101), RegexpSizeError],
    ['\\pL{1000}', RegexpSizeError],
    ['((((a{10}){10}){10}){10})', RegexpSyntaxError],
    [`${'('.repeat(501)}a${')'.repeat(501)}`, RegexpSyntaxError],
  ])('%.20s… is refused', (pattern, kind) => {
    expect(() => compile(pattern)).toThrow(kind);
    expect(() => compileSet([pattern]).scan()).toThrow(kind);
  });

  test('a set may be given more room than it has by default', () => {
    const patterns = ['\\pL{300}x'];
    expect(() => compileSet(patterns, { maxProgramSize: 10_000 })).toThrow(/more than the 10000 that are allowed/);
    expect(compileSet(patterns, { maxProgramSize: 1_000_000 }).match(`${'é'.repeat(300)}x`)).toEqual([0]);
  });
});
