import { expect, test } from 'vitest';
import { tableLines } from './table.ts';

test('columns are as wide as their widest cell, headings included, and hold no control characters', () => {
  expect(
    tableLines(
      [
        ['web1', 'x'],
        ['a', 'y\u001b[31m'],
      ],
      ['NAME', 'LETTER'],
    ),
  ).toEqual(['NAME  LETTER', 'web1  x', expect.stringMatching(/^a {5}y[^\u001b]*\[31m$/)]);
  expect(tableLines([], ['NAME'])).toEqual([]);
});

test('two hundred thousand rows are a table as well', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [`web${i}`, 'online']);
  expect(tableLines(rows).at(-1)).toBe('web199999  online');
});
