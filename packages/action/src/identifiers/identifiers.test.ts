import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fingerprint, FleetName, ModuleName } from './names.ts';
import { createUuid, timeOfUuid, Uuid } from './uuid.ts';

describe('createUuid', () => {
  test('makes a UUID of version 7 that tells its time, for every time until the year 10889', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 48 - 1 }), (now) => {
        const id = createUuid(now);

        expect(Uuid.parse(id)).toBe(id);
        expect(timeOfUuid(id)).toBe(now);
      }),
    );
  });

  test('is ordered by time, and never the same twice', () => {
    const ids = [...Array(1000).keys()].map((i) => createUuid(1_770_000_000_000 + i));

    expect([...ids].sort()).toEqual(ids);
    expect(new Set([...Array(1000).keys()].map(() => createUuid(1))).size).toBe(1000);
  });

  test.each([
    '',
    '01909b4e-7d2a-4c3e-9a40-5b0f1a2b3c4d',
    '01909b4e-7d2a-7c3e-ca40-5b0f1a2b3c4d',
    '01909b4e7d2a7c3e9a405b0f1a2b3c4d',
  ])('%j is none', (text) => {
    expect(Uuid.safeParse(text).success).toBe(false);
  });
});

describe('names', () => {
  test.each([
    ['a6:b', false],
    ['0123456789ABCDEF', false],
    ['0x0123456789abcdef0123456789abcdef01234567', true],
    ['0123 4567 89AB CDEF 0123  4567 89ab cdef 0123 4567', true],
    ['g'.repeat(40), false],
    ['a'.repeat(41), false],
    ['a'.repeat(64), true],
  ])('whether %j is a fingerprint: %s', (text, isOne) => {
    expect(Fingerprint.safeParse(text).success).toBe(isOne);
  });

  test('a fingerprint is compared in upper case without spaces', () => {
    expect(Fingerprint.parse('0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567')).toBe(
      '0123456789ABCDEF0123456789ABCDEF01234567',
    );
  });

  test('no name of a fleet or a module has characters of topics, paths or shells', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 10 }), (text) => {
        const isPlain = /^[a-z0-9._-]+$/.test(text);
        if (FleetName.safeParse(text).success || ModuleName.safeParse(text).success) expect(isPlain).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(
      ['..', '.', '-x', '/', 'a/b', 'a b', 'É', ''].map((name) => FleetName.safeParse(name).success),
    ).not.toContain(true);
  });
});
