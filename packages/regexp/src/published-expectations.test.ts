import { expect, test } from 'vitest';
import { compareWithPublished } from '../test/published-expectations.ts';

// All five million pairs: `npm run test:long`.
test.each([
  ['re2-search.txt', 1, 1_500],
  ['re2-exhaustive.txt.bz2', 23, 200_000],
] as const)("%s, RE2's own: patterns match where RE2 says, and nowhere else", (name, step, least) => {
  const { wrong, pairs } = compareWithPublished(name, step);
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(pairs).toBeGreaterThan(least);
});
