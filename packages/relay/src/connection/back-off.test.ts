import { expect, test } from 'vitest';
import { BackOff } from './back-off.ts';

test('the wait grows up to a minute, is never the same for all, and begins anew after a connection that lasted', () => {
  const longest = Array.from({ length: 12 }, () => 0);
  const shortest = Array.from({ length: 12 }, () => Number.POSITIVE_INFINITY);
  for (let i = 0; i < 500; i++) {
    const backOff = new BackOff();
    for (let attempt = 0; attempt < 12; attempt++) {
      const wait = backOff.next();
      longest[attempt] = Math.max(longest[attempt]!, wait);
      shortest[attempt] = Math.min(shortest[attempt]!, wait);
    }
  }
  for (const [attempt, most] of longest.entries()) {
    const bound = Math.min(60_000, 1_000 * 2 ** attempt);
    expect(most).toBeLessThanOrEqual(bound);
    expect(most).toBeGreaterThan(bound * 0.9);
    expect(shortest[attempt]).toBeLessThan(bound * 0.1);
  }
  const backOff = new BackOff();
  for (let i = 0; i < 10; i++) backOff.next();
  backOff.lasted(10_000);
  expect(backOff.next()).toBeLessThanOrEqual(1_000);
});

test('connections that end at once do not shorten the wait', () => {
  const longest = Math.max(
    ...Array.from({ length: 100 }, () => {
      const backOff = new BackOff();
      for (let i = 0; i < 10; i++) {
        backOff.next();
        backOff.lasted(9_999);
      }
      return backOff.next();
    }),
  );
  expect(longest).toBeGreaterThan(30_000);
});
