/** Every one of the five million expectations that RE2 publishes; `npm test` takes a part of them. */
import { expect, test } from 'vitest';
import { compareWithPublished } from '../../packages/regexp/test/published-expectations.ts';

test("RE2's exhaustive expectations: every pattern matches where RE2 says, and nowhere else", () => {
  const { wrong, pairs } = compareWithPublished('re2-exhaustive.txt.bz2', 1);
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(pairs).toBeGreaterThan(5_000_000);
}, 1_200_000);
