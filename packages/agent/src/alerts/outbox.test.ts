import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertMessage, createUuid } from '@mig/action';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mig-outbox-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Whether a small file system can be mounted: that takes CAP_SYS_ADMIN, which root in a container may lack. */
const mayMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

let number = 0;
/** An alert of about 1 KB. */
const alertOf = (): AlertMessage => ({
  id: createUuid(),
  module: 'first',
  time: new Date().toISOString(),
  message: `alert ${number++}`,
  fields: { text: 'x'.repeat(900) },
});
const alerts = (count: number) => Array.from({ length: count }, alertOf);
const usedBytes = () => readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
const droppedOf = ({ fields }: AlertMessage) => (typeof fields['dropped'] === 'number' ? fields['dropped'] : 0);

function drain(outbox: Outbox): AlertMessage[] {
  const all: AlertMessage[] = [];
  for (let alert = outbox.next(); alert !== undefined; alert = outbox.next()) all.push(alert);
  return all;
}

describe('an outbox', () => {
  test('gives alerts in order, also those of before it was opened, until they are acknowledged', () => {
    const before = alerts(1_000);
    const first = new Outbox(directory, 'first', 1 << 25);
    first.add(before);
    for (let i = 0; i < 700; i++) first.acknowledge(first.next()!.id);
    first.tidy();
    const second = new Outbox(directory, 'first', 1 << 25);
    const after = alerts(10);
    second.add(after);
    const given = drain(second);
    // Of those that were acknowledged, some may come once more: a file of them is removed as a whole.
    const again = given.findIndex(({ id }) => id === before[700]!.id);
    expect(again).toBeGreaterThanOrEqual(0);
    expect(again).toBeLessThan(300);
    expect(given.slice(again)).toEqual([...before.slice(700), ...after]);
    for (const { id } of given) second.acknowledge(id);
    second.tidy();
    expect([second.waiting, usedBytes()]).toEqual([0, 0]);
    expect(drain(new Outbox(directory, 'first', 1 << 25))).toEqual([]);
  });

  test.runIf(mayMount)('counts what a full disk does not take, and tells it once there is room', () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'mig-outbox', directory]);
    try {
      const ballast = join(directory, 'ballast');
      const outbox = new Outbox(directory, 'first', 1 << 25);
      const all = alerts(300);
      outbox.add(all.slice(0, 10));
      expect(() => writeFileSync(ballast, Buffer.alloc(1 << 20))).toThrow('ENOSPC');
      expect(() => outbox.add(all.slice(10, 60))).toThrow('ENOSPC');
      // The rest of a block may take the notice, but not these.
      outbox.tidy();
      try {
        outbox.add(all.slice(60, 70));
      } catch (error) {
        expect((error as Error).message).toContain('ENOSPC');
      }
      expect(outbox.dropped).toBe(60);
      rmSync(ballast);
      outbox.tidy();
      outbox.add(all.slice(70, 80));
      outbox.close();
      const given = drain(new Outbox(directory, 'first', 1 << 25));
      const kept = given.filter((one) => droppedOf(one) === 0);
      expect(kept).toEqual([...all.slice(0, 10), ...all.slice(70, 80)]);
      expect(given.reduce((sum, one) => sum + droppedOf(one), 0)).toBe(60);
      expect(given.slice(0, 10).concat(given.slice(-10))).toEqual(kept);
    } finally {
      execFileSync('umount', ['-l', directory]);
    }
  });

  test('takes no more than its space, and tells in its order how many it dropped, once there is room', () => {
    const outbox = new Outbox(directory, 'first', 1 << 20);
    const all = alerts(3_000);
    for (let i = 0; i < 3_000; i += 100) outbox.add(all.slice(i, i + 100));
    expect(usedBytes()).toBeLessThan((1 << 20) + 1_024);
    const kept = outbox.waiting;
    expect(outbox.dropped).toBe(3_000 - kept);
    expect(kept).toBeGreaterThan(900);
    for (let i = 0; i < kept; i++) {
      const alert = outbox.next()!;
      expect(alert).toEqual(all[i]);
      outbox.acknowledge(alert.id);
    }
    outbox.tidy();
    const late = alerts(1);
    outbox.add(late);
    const [told, ...rest] = drain(outbox);
    expect(told).toMatchObject({ module: 'first', fields: { dropped: 3_000 - kept } });
    expect(told!.message).toBe(`${3_000 - kept} alerts were dropped here: more were raised than could be kept`);
    expect(rest).toEqual(late);
  });

  test('knows after a restart how many it dropped before', () => {
    const outbox = new Outbox(directory, 'first', 1 << 20);
    outbox.add(alerts(2_000));
    const { dropped } = outbox;
    const again = new Outbox(directory, 'first', 1 << 21);
    const given = drain(again);
    expect(given).toHaveLength(2_000 - dropped + 1);
    expect(droppedOf(given.at(-1)!)).toBe(dropped);
  });

  test('passes over what a crash cut short', () => {
    const outbox = new Outbox(directory, 'first', 1 << 20);
    const kept = alerts(3);
    outbox.add(kept);
    const path = join(directory, 'first-00000001.jsonl');
    const { size } = statSync(path);
    outbox.close();
    truncateSync(path, size - 100);
    expect(drain(new Outbox(directory, 'first', 1 << 20))).toEqual(kept.slice(0, 2));
  });

  test('whatever happens to it, gives each alert in order or counts it', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ does: fc.constant('add' as const), count: fc.integer({ min: 1, max: 1_500 }) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ does: fc.constant('next' as const), count: fc.integer({ min: 1, max: 500 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ does: fc.constant('acknowledge' as const), count: fc.integer({ min: 1, max: 500 }) }),
      },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('tidy' as const), count: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const), count: fc.constant(0) }) },
      {
        weight: 1,
        arbitrary: fc.record({ does: fc.constant('lose' as const), count: fc.integer({ min: 1, max: 9 }) }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        for (const name of readdirSync(directory)) rmSync(join(directory, name));
        let outbox = new Outbox(directory, 'first', 1 << 20);
        const raised: string[] = [];
        let lost = 0;
        const stored = new Map<string, AlertMessage>();
        let out: AlertMessage[] = [];
        const give = () => {
          const alert = outbox.next();
          if (alert !== undefined) out.push(alert);
          return alert !== undefined;
        };
        const acknowledge = () => {
          const alert = out.shift()!;
          if (!stored.has(alert.id)) stored.set(alert.id, alert);
          outbox.acknowledge(alert.id);
        };
        for (const { does, count } of steps) {
          if (does === 'add') {
            const batch = alerts(count);
            raised.push(...batch.map(({ id }) => id));
            outbox.add(batch);
          }
          if (does === 'next') for (let i = 0; i < count && give(); i++);
          if (does === 'acknowledge') for (let i = 0; i < count && out.length > 0; i++) acknowledge();
          if (does === 'tidy') outbox.tidy();
          if (does === 'lose') {
            outbox.noteDropped(count);
            lost += count;
          }
          if (does === 'restart') {
            outbox = new Outbox(directory, 'first', 1 << 20);
            out = [];
          }
        }
        for (let i = 0; i < 10; i++) {
          while (give());
          while (out.length > 0) acknowledge();
          outbox.tidy();
        }
        const given = [...stored.values()];
        const own = given.filter((alert) => droppedOf(alert) === 0).map(({ id }) => id);
        expect(own).toEqual(raised.filter((id) => stored.has(id)));
        const counted = given.reduce((sum, alert) => sum + droppedOf(alert), 0);
        expect(own.length + counted).toBe(raised.length + lost);
        expect([outbox.waiting, usedBytes()]).toEqual([0, 0]);
        outbox.close();
      }),
      { numRuns: 30 },
    );
  });
});
