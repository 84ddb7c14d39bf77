import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationBetween, formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  test.each([
    ['0', 0],
    ['300ms', 300],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['-1m0.5s', -60_500],
    ['+5s', 5_000],
    ['.5s', 500],
    ['2us', 0.002],
    ['2µs', 0.002],
    ['7ns', 0.000_007],
  ])('reads %j', (text, milliseconds) => expect(parseDuration(text)).toBeCloseTo(milliseconds, 9));

  test.each(['', '5', '1d', 's', '5 s', '--5s', '1h-5m', '.s', '1e3s', '5S'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [1.5, '1.5ms'],
    [0.25, '250µs'],
    [0.000_001, '1ns'],
    [90_000, '1m30s'],
    [5_400_000, '1h30m0s'],
    [-1500, '-1.5s'],
    [61_000.5, '1m1.0005s'],
  ])('writes %d ms as Go does: %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  test('is read back as what was written, to the nanosecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), (nanoseconds) => {
        expect(parseDuration(formatDuration(nanoseconds / 1e6))! * 1e6).toBeCloseTo(nanoseconds, -1);
      }),
    );
  });
});

describe('durationBetween', () => {
  test.each(['10ms', '0.5s', '1h', '60m'])('takes %j', (text) => {
    expect(durationBetween('10ms', '1h', '1s').parse(text)).toBe(text);
  });

  test.each(['', 'soon', '0', '9.999ms', '-1s', '1h0.001s'])('refuses %j, and says what it takes', (text) => {
    const { error } = durationBetween('10ms', '1h', '1s').safeParse(text);
    expect(error?.issues.map(({ message }) => message)).toEqual(['expected a duration from 10ms to 1h, such as 1s']);
  });

  test.each([
    ['1s', '1m', '2m'],
    ['soon', '1m', '30s'],
    ['1s', 'late', '30s'],
  ])('from %s to %s, such as %s, is a mistake', (least, most, example) => {
    expect(() => durationBetween(least, most, example)).toThrow(
      `from ${least} to ${most} as example, got '${example}'`,
    );
  });
});
