/** Lists by the thousand: what they need stays within the memory of a run, and too much that is found is said so. */
import { expect, test } from 'vitest';
import { measuredRun, mostMb } from './measured-search.ts';

/** Open at their ends: what holds on to its end is refused by its last character, and needs no automaton. */
const patterns = Array.from({ length: 4000 }, (_, i) => `^no${i}[a-z]+such`);
const labels = <T>(count: number, search: T) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [i, search]));
const anyOf = (filters: object) => ({ searches: { s1: { ...filters, options: { matchall: false } } } });

test.each([
  ['netstat', { localmac: patterns }],
  ['pkg', { pkgmatch: { matches: patterns } }],
  ['process', anyOf({ names: patterns })],
  ['process', anyOf({ cmdlines: patterns.slice(0, 500) })],
  ['file', { searches: { s1: { paths: ['/etc/ssl'], names: patterns.slice(0, 2000), options: { matchall: false } } } }],
  ['memory', anyOf({ contents: patterns, names: ['^no such$'] })],
])('%s takes thousands of patterns', async (module, parameters) => {
  const { result, peakMb } = await measuredRun(module, parameters);
  expect([result.success, result.foundanything]).toEqual([true, false]);
  expect(peakMb).toBeGreaterThan(10);
  expect(peakMb).toBeLessThan(mostMb);
});

test('more than a result holds is said as soon as it is found', async () => {
  const { result, peakMb } = await measuredRun('process', { searches: labels(50_000, { deleted: false }) });
  expect(result).toMatchObject({ success: false, elements: null });
  expect(result.errors).toEqual([
    'more was found than the 16777216 bytes of a result can hold: ask a narrower question',
  ]);
  expect(peakMb).toBeLessThan(500);
});

test('netstat takes any number of networks of one prefix', async () => {
  const localip = Array.from({ length: 70_000 }, (_, i) => `127.${i >> 16}.${(i >> 8) & 255}.${i & 255}/8`);
  const { result } = await measuredRun('netstat', { localip });
  expect([result.success, result.errors]).toEqual([true, null]);
  expect(result.statistics).toMatchObject({ totalhits: localip.length });
});
