import { expect, test } from 'vitest';
import { Troubles } from './troubles.ts';

const refused = Object.assign(new Error('refused'), { code: 'EACCES' });

test('a trouble is told until a whole comparison has not met it, by its last reason, once', () => {
  const troubles = new Troubles();
  troubles.add('/one', refused);
  troubles.add('/two', refused);
  troubles.begin();
  expect(new Map(troubles)).toEqual(new Map(['/one', '/two'].map((path) => [path, 'EACCES'])));
  troubles.add('/two', new Error('it is no regular file'));
  expect([troubles.size, ...troubles]).toEqual([2, ['/two', 'it is no regular file'], ['/one', 'EACCES']]);
  // Another one begins before the first has come to its end.
  troubles.begin();
  expect(troubles.size).toBe(2);
  troubles.add('/two', refused);
  troubles.end();
  expect([...troubles]).toEqual([['/two', 'EACCES']]);
  troubles.begin();
  troubles.end();
  expect([...troubles]).toEqual([]);
});
