import { describe, expect, test } from 'vitest';
import { simplify } from '../program/simplify.ts';
import { parse } from '../syntax/parse.ts';
import { findPrefilter } from './prefilter.ts';

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
