import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitWords, takeFilters } from './words.ts';

test.each([
  ['-name ^a$ -path "/etc/my dir"', ['-name', '^a$', '-path', '/etc/my dir']],
  [`'a "b' c\\ d ""`, ['a "b', 'c d', '']],
  ['  ', []],
])('%s', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test('whatever is quoted comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      const text = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      expect(splitWords(text)).toEqual(words);
    }),
  );
});

test('filters are taken off the end, and all of them count', () => {
  const { rest, isWanted } = takeFilters('ls failed | grep web(1|2) | grep -v -i OLD');
  expect(rest).toBe('ls failed');
  expect(['web1 new', 'web2 old', 'db1', 'web3'].filter(isWanted)).toEqual(['web1 new']);
});

test('a condition with || and a bar within quotes is no filter', () => {
  expect(takeFilters("query name || 'x' = 'a | b'").rest).toBe("query name || 'x' = 'a | b'");
});

test('a pattern that is none is refused', () => {
  expect(() => takeFilters('ls | grep (')).toThrow("grep: expected a regular expression, got '('");
});
