import { type AlertMessage, createUuid, decodeMessage, encodeMessage } from '@mig/action';
import { expect, test } from 'vitest';
import { fitAlert } from './fit-alert.ts';
import { Pace } from './pace.ts';

const alert: AlertMessage = {
  id: createUuid(),
  module: 'first',
  time: '2026-01-01T00:00:00.000Z',
  message: 'changed',
  fields: { path: '/etc/passwd' },
};

test('an alert that fits is left as it is', () => {
  expect(fitAlert(alert)).toEqual(alert);
});

test('an alert that is too much says what is left out, and can be read by the platform', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`) as AlertMessage['fields'];
  for (const [given, expected] of [
    [{ message: 'x'.repeat(5_000) }, { message: `${'x'.repeat(4_032)}… (968 characters left out)` }],
    [{ fields: { text: 'x'.repeat(70_000) } }, { fields: { leftout: '70011 bytes, more than 65536' } }],
    [{ fields: deep }, { fields: { leftout: expect.stringMatching(/nests deeper/) } }],
    [{ fields: { 'a\0': 'b\ud800' } }, { fields: { 'a\ufffd': 'b\ufffd' } }],
  ] as const) {
    const fitting = fitAlert({ ...alert, ...given });
    expect(fitting).toEqual({ ...alert, ...expected });
    expect(decodeMessage('alert', encodeMessage('alert', fitting))).toEqual(fitting);
  }
});

test.each(['', 'yesterday', '0000-01-01T00:00:00Z', '2026-01-01'])('a time such as %j is replaced', (time) => {
  const fitting = fitAlert({ ...alert, time });
  expect(fitting).toEqual({ ...alert, time: expect.stringMatching(/^20\d\d-.*Z$/) });
  expect(decodeMessage('alert', encodeMessage('alert', fitting))).toEqual(fitting);
});

test('a pace allows so many at once, so many a second, and says how long to wait', () => {
  let now = 0;
  const pace = new Pace(10, 20, () => now);
  expect(Array.from({ length: 25 }, () => pace.take()).filter(Boolean)).toHaveLength(20);
  now += 500;
  expect(Array.from({ length: 25 }, () => pace.take()).filter(Boolean)).toHaveLength(5);
  expect(pace.spend(10)).toBe(1_000);
  now += 1_000;
  expect(pace.spend(1)).toBe(100);
  now += 60_000;
  expect(pace.spend(20)).toBe(0);
});
