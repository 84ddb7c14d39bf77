import fc from 'fast-check';
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

test('rows that are wider than the screen go on below, before the same column; each is one text still', () => {
  const rows = [
    ['web1', 'online', 'an id that is long', 'team=web'],
    ['a-longer-name', 'offline', 'an id', ''],
  ];
  const headings = ['NAME', 'STATUS', 'ID', 'TAGS'];
  expect(tableLines(rows, headings, 40)).toEqual([
    'NAME           STATUS\n    ID                  TAGS',
    'web1           online\n    an id that is long  team=web',
    'a-longer-name  offline\n    an id',
  ]);
  expect(tableLines(rows, headings, 80)[1]).toBe('web1           online   an id that is long  team=web');
  // Without headings it is a list of names and values.
  expect(tableLines(rows, [], 40)[1]).not.toContain('\n');
});

test('no line is wider than the screen, unless a cell is; nothing is left out', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'b', '-', '1'), maxLength: 30 });
  const table = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(table, fc.integer({ min: 36, max: 120 }), (rows, width) => {
      const lines = tableLines(rows, ['A', 'B', 'C', 'D'], width);
      expect(lines).toHaveLength(rows.length + 1);
      for (const [i, text] of lines.slice(1).entries()) {
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
        expect(text.split(/\s+/).filter(Boolean)).toEqual(rows[i]!.filter(Boolean));
      }
    }),
  );
});
