import { afterEach, expect, test } from 'vitest';
import { type Hint, Hints } from './hints.ts';

let hints: Hints;
afterEach(() => hints.stop());

/** Hints of a module that waits for a minute; `next` gives those that are due first. */
function start(settleMs = 60_000): () => Promise<readonly Hint[]> {
  const taken: Hint[][] = [];
  let heard = () => {};
  hints = new Hints(settleMs, () => {
    taken.push(hints.take());
    hints.arm();
    heard();
  });
  return async () => {
    while (taken.length === 0) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    return taken.shift()!;
  };
}

const one = { directory: '/d', name: 'one' };

test('one that is due early does not wait for another that came before it', async () => {
  const next = start();
  hints.add('/d', 'late');
  hints.add(one.directory, one.name, 0);
  expect(await next()).toMatchObject([one]);
  hints.add(one.directory, one.name, 0);
  expect(await next()).toMatchObject([one]);
  expect(hints.size).toBe(1);
});

test('the same again waits anew, and everything is asked for at once where there are too many', async () => {
  const next = start(1);
  for (let i = 0; i < 3; i++) hints.add(one.directory, one.name);
  expect(await next()).toMatchObject([one]);
  for (let i = 0; i <= 50_000; i++) hints.add('/d', String(i));
  expect(hints.isOverflown).toBe(true);
  expect(hints.size).toBe(1);
  await next();
});
