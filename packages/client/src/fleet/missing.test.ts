import { createUuid } from '@mig/action';
import type { CommandItem } from '@mig/api';
import { expect, test } from 'vitest';
import type { Platform } from '../platform/platform.ts';
import { shellHints } from './hints.ts';
import { agoOf, missingLine, printMissing } from './missing.ts';

test.each([
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_600_000, '1h0m'],
  [47 * 3_600_000 + 60_000, '47h1m'],
  [9 * 86_400_000, '9d'],
])('%d ms are %s ago', (ms, expected) => {
  const then = '2026-01-02T03:04:05.678Z';
  expect(agoOf(then, Date.parse(then) + ms)).toBe(`${expected} ago (2026-01-02T03:04:05Z)`);
});

test('names twenty of ten thousand, counts the others, and says how to see them', async () => {
  const id = createUuid();
  const asked: unknown[] = [];
  const platform = {
    async *items(_: unknown, { query }: { query: unknown }) {
      asked.push(query);
      for (let i = 0; ; i++) {
        const agentname = `web${i}`;
        yield {
          agentname,
          agentstatus: 'offline',
          status: 'pending',
          lastseen: '2026-01-02T03:04:05.678Z',
          refusals: [],
        };
      }
    },
  } as unknown as Platform;
  const counts = { pending: 9_999, sent: 0, delivered: 1, success: 1, failed: 0, cancelled: 0, timeout: 0, found: 1 };
  const counters = { targeted: 10_000, done: 1, expired: 0, ...counts };
  const remarks: string[] = [];
  const terminal = { print: () => {}, remark: (line: string) => void remarks.push(line), complain() {}, progress() {} };
  await printMissing(platform, { id, counters }, terminal, shellHints);

  expect(remarks).toHaveLength(22);
  expect(remarks[0]).toBe('not answered: 9999 agents');
  expect(remarks[1]).toMatch(/^ {2}web0 {2}pending, agent offline, last seen \d+d ago \(2026-01-02T03:04:05Z\)$/);
  expect(remarks[21]).toBe(`  and 9979 more: mig action ${id} -missing names all`);
  expect(asked).toEqual([{ open: 'true', limit: 20 }]);
});

test('quotes an agent that says itself that it is too late, since its clock may be wrong', () => {
  const message = 'action expired at 2026-01-02T03:04:05.000Z, and it is 2026-01-02T04:04:05.000Z';
  const late = {
    agentname: 'web1',
    agentstatus: 'online',
    status: 'expired',
    lastseen: '2026-01-02T03:04:05.678Z',
    refusals: [{ operation: null, code: 'ACTION_EXPIRED', message }],
  };
  const lineOf = (starttime: string | null) => missingLine({ ...late, starttime } as unknown as CommandItem);

  expect(lineOf('2026-01-02T04:04:05.000Z')).toContain(`web1  expired (${message}), agent online, last seen`);
  expect(lineOf(null)).toContain('web1  expired, agent online, last seen');
});
