import { expect, test } from 'vitest';
import { progressLine, summaryLine } from './progress.ts';

const none = { pending: 0, sent: 0, delivered: 0, success: 0, failed: 0, cancelled: 0, expired: 0, timeout: 0 };

test('the progress is a short line, whatever the numbers', () => {
  const counters = { ...none, targeted: 10_000, done: 2_500, found: 1_234 };
  const expiry = new Date(Date.now() + 299_600).toISOString();
  const line = progressLine(counters, 61_000, expiry);

  expect(line).toMatch(/^\[####\.{12}\] 2500\/10000 done, 1234 found, 1m1s, (4m59s|5m0s) left; ctrl-c/);
  expect(line.length).toBeLessThan(90);
});

test('the summary names what went otherwise only where something did', () => {
  expect(summaryLine({ ...none, targeted: 2, delivered: 2, success: 2, done: 2, found: 1 })).toBe(
    '2 sent, 2 done, 2 succeeded, 1 found',
  );
  expect(summaryLine({ ...none, targeted: 3, delivered: 2, pending: 1, failed: 2, done: 2, found: 0 })).toBe(
    '2 sent, 2 done, 0 succeeded, 0 found, 2 failed, 1 not sent yet',
  );
});

test('a command that expired before it was sent does not count as sent', () => {
  const counters = { ...none, targeted: 9, pending: 1, sent: 2, delivered: 5, done: 6, success: 3, found: 1 };
  expect(summaryLine({ ...counters, cancelled: 1, expired: 2 })).toBe(
    '5 sent, 6 done, 3 succeeded, 1 found, 1 cancelled, 2 expired, 1 not sent yet',
  );
});
