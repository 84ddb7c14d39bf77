/** By itself, where nothing else holds memory. */
import { expect, test } from 'vitest';
import { compile } from './regexp.ts';

test('a pattern is made ready when that is asked for, and not by texts that end otherwise', () => {
  const count = 2_000;
  const regexps = Array.from({ length: count }, (_, i) => compile(`^no${i}[a-z]+such$`));
  const held = () => process.memoryUsage().arrayBuffers;
  const before = held();
  for (const regexp of regexps) expect(regexp.test('name')).toBe(false);
  const unready = held();
  for (const regexp of regexps) regexp.prepare();
  const ready = held();
  for (const [i, regexp] of regexps.entries()) expect(regexp.test(`no${i}xsuch`)).toBe(true);
  expect(unready - before).toBeLessThan(count * 1_024);
  // Each has a table of 16 KiB.
  expect(ready - unready).toBeGreaterThan(count * 15_000);
  expect(held() - ready).toBeLessThan(count * 1_024);
});
