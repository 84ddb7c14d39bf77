import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fits, readWhere } from './where.ts';

test('keys, values with blanks, and a limit are read', () => {
  const { filters, limit } = readWhere(`where name='a b' and tag.team=web limit 7`, ['name', 'tag.']);
  expect([...filters]).toEqual([
    ['name', 'a b'],
    ['tag.team', 'web'],
  ]);
  expect(limit).toBe(7);
});

test.each([
  ['where nmae=x', /did you mean name\?/],
  ['where name', /expected key=value/],
  ['where name=x and name=y', /there twice/],
  ['limit none', /expected a number or all, got 'none'/],
  ["where name='x", /expected a ' at the end/],
])('%s is refused', (text, message) => {
  expect(() => readWhere(text, ['name'])).toThrow(message);
});

test('% stands for anything, as a regular expression has it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'B'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '%'), maxLength: 6 });
  fc.assert(
    fc.property(text, pattern, (subject, like) => {
      const expression = like.replaceAll('.', '\\.').replaceAll('%', '.*');
      expect(fits(subject, like)).toBe(new RegExp(`^${expression}$`, 'is').test(subject));
    }),
  );
});
