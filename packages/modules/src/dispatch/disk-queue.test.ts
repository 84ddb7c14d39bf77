import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance } from '@mig/module/testing';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { DiskQueue } from './disk-queue.ts';
import { dispatch, type Elements } from './dispatch.ts';
import { alertOf } from './testing/alerts.ts';

const folder = mkdtempSync(join(tmpdir(), 'mig-dispatch-queue-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const newPath = () => join(folder, `queue-${files++}.jsonl`);
const numbered = (number: number) => ({ ...alertOf('m', number, { text: 'grün\n' }), hostname: 'here' });

interface State {
  readonly ids: readonly string[];
  readonly untold: number;
}
const stateOf = ({ waiting, untold }: DiskQueue): State => ({ ids: waiting.map(({ id }) => id), untold });
const reopened = async (path: string, log: (text: string) => void = () => {}) => {
  const queue = await DiskQueue.open(path, log);
  const state = stateOf(queue);
  const { damaged } = queue;
  await queue.close();
  return { ...state, damaged };
};

const step = fc.oneof(
  fc.record({ push: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ shift: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ drop: fc.integer({ min: 0, max: 9 }) }),
);

describe('a queue on disk', () => {
  test('that was cut at any byte is an earlier state of itself, and goes on from there', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), fc.nat(), async (steps, cut) => {
        const path = newPath();
        const queue = await DiskQueue.open(path, () => {});
        // What the queue is after each line of the file, told by what was done and not by the file.
        const states: State[] = [{ ids: [], untold: 0 }];
        let next = 0;
        let wasDrop = false;
        for (const one of steps) {
          if ('push' in one) {
            for (let i = 0; i < one.push; i++) {
              queue.push(numbered(next++));
              states.push(stateOf(queue));
            }
          } else if ('drop' in one) {
            queue.untold = one.drop;
            // Counts that follow each other are one line.
            if (wasDrop) states.pop();
            states.push(stateOf(queue));
          } else if (queue.waiting.length > 0) {
            queue.shift(Math.min(one.shift, queue.waiting.length));
            states.push(stateOf(queue));
          } else continue;
          wasDrop = 'drop' in one;
        }
        await queue.close();
        const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
        const kept = bytes.subarray(0, cut % (bytes.length + 1));
        writeFileSync(path, kept);
        const lines = kept.filter((byte) => byte === 10).length;
        expect(await reopened(path)).toEqual({ ...states[lines]!, damaged: 0 });

        const second = await DiskQueue.open(path, () => {});
        second.push(numbered(1_000));
        await second.close();
        const { ids, untold } = states[lines]!;
        expect(await reopened(path)).toEqual({ ids: [...ids, 'm-1000'], untold, damaged: 0 });
      }),
      { numRuns: 150 },
    ));

  test('is no longer than what waits and a bound, however much went through it', async () => {
    const path = newPath();
    const queue = await DiskQueue.open(path, () => {});
    for (let i = 0; i < 20_000; i++) {
      queue.push(numbered(i));
      if (i >= 10) queue.shift(1);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    queue.untold = 7;
    await queue.close();
    expect(statSync(path).size).toBeLessThan(1_000 * 300);
    const ids = Array.from({ length: 10 }, (_, i) => `m-${19_990 + i}`);
    expect(await reopened(path)).toEqual({ ids, untold: 7, damaged: 0 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('holds what came and went while its file was written anew, once', async () => {
    for (let turns = 0; turns < 40; turns++) {
      const path = newPath();
      writeFileSync(path, '{"dropped":0}\n'.repeat(1_200));
      const queue = await DiskQueue.open(path, () => {});
      for (let i = 0; i < 40; i++) {
        queue.push(numbered(i));
        if (i % 3 === 0) queue.shift(1);
        if (i < turns) await new Promise((resolve) => setImmediate(resolve));
      }
      const { ids } = stateOf(queue);
      await queue.close();
      expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(100);
      expect(await reopened(path)).toEqual({ ids, untold: 0, damaged: 0 });
    }
  });

  test('passes over a line that was damaged, and counts it', async () => {
    const path = newPath();
    const queue = await DiskQueue.open(path, () => {});
    for (let i = 0; i < 3; i++) queue.push(numbered(i));
    await queue.close();
    writeFileSync(path, readFileSync(path, 'utf8').replace('"id":"m-1"', '"id":1'));
    expect(await reopened(path)).toEqual({ ids: ['m-0', 'm-2'], untold: 0, damaged: 1 });
  });

  test('is in memory while the disk is full, and on disk again once there is room', async () => {
    const mounted = join(folder, 'small');
    mkdirSync(mounted);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', mounted]);
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${mounted}/filler`, 'bs=1k', 'count=56'], { stdio: 'pipe' });
      const logs: string[] = [];
      const path = join(mounted, 'queue.jsonl');
      const queue = await DiskQueue.open(path, (text) => logs.push(text));
      for (let i = 0; i < 200; i++) queue.push(numbered(i));
      await expect
        .poll(() => logs)
        .toEqual([expect.stringMatching(/^its state cannot be written, it is in memory alone: ENOSPC/)]);
      queue.shift(100);
      rmSync(join(mounted, 'filler'));
      await expect.poll(() => logs, { timeout: 10_000 }).toHaveLength(2);
      expect(logs[1]).toBe('its state is on disk again');
      await queue.close();
      const ids = Array.from({ length: 100 }, (_, i) => `m-${100 + i}`);
      expect(await reopened(path)).toEqual({ ids, untold: 0, damaged: 0 });
    } finally {
      execFileSync('umount', [mounted]);
    }
  });
});

describe('dispatch that is started again', () => {
  const fast = { retrymin: '10ms', retrymax: '20ms', channelsize: 60 };

  test('hands on what waited, in the order of each module, and tells of drops that were not told', async () => {
    const state = { directory: join(folder, 'state') };
    const late = join(folder, 'late');
    const config = { ...fast, file: [{ path: join(late, 'alerts.jsonl') }] };
    const first = await startInstance(dispatch, config, state);
    for (let i = 0; i < 70; i++) first.forward(alertOf(i % 2 === 0 ? 'even' : 'odd', i));
    await first.until(() => first.logs.some((line) => /full, dropping/.test(line)));
    // As a crash leaves it: a copy of what is on disk once all of it is there.
    const crashed = { directory: join(folder, 'crashed') };
    mkdirSync(crashed.directory);
    const name = () => readdirSync(state.directory).find((one) => one.endsWith('.jsonl')) ?? '';
    const copy = () => (name() === '' ? '' : readFileSync(join(state.directory, name()), 'utf8'));
    await expect.poll(copy).toContain('{"dropped":10}');
    writeFileSync(join(crashed.directory, name()), copy());
    appendFileSync(join(crashed.directory, name()), '{"alert":{"id":"cut sho');
    await first.stop();
    expect(first.logs.at(-1)).toMatch(/ended with 60 alerts not sent, they wait for the next start$/);

    mkdirSync(late);
    const second = await startInstance(dispatch, config, crashed);
    await second.until(() => second.alerts.length > 0);
    expect(second.alerts[0]).toMatchObject({ message: '10 alerts were dropped on their way', fields: { dropped: 10 } });
    const { elements, statistics } = await second.ask({});
    expect(elements).toMatchObject({ queued: 0, sent: 60 });
    expect(statistics).toMatchObject({ received: 0, found: 60 });
    await second.stop();
    const lines = readFileSync(config.file[0]!.path, 'utf8').trim().split('\n');
    const sent = lines.map((line) => (JSON.parse(line) as { fields: { number: number } }).fields.number);
    expect(sent).toEqual(Array.from({ length: 60 }, (_, i) => i));
    const third = await startInstance(dispatch, config, crashed);
    expect((await third.ask({})).statistics).toMatchObject({ found: 0 });
    await third.stop();
  });

  test('says how many waited for a destination that is not configured any more', async () => {
    const state = { directory: join(folder, 'orphaned') };
    const [gone, path] = [join(folder, 'no/such/alerts.jsonl'), join(folder, 'there.jsonl')];
    const first = await startInstance(dispatch, { ...fast, file: [{ path: gone }, { path }] }, state);
    for (let i = 0; i < 5; i++) first.forward(alertOf('m', i));
    await first.until(() => first.logs.some((line) => /ENOENT/.test(line)));
    while (((await first.ask({})).elements as Elements).sent < 5);
    await first.stop();
    expect(readdirSync(state.directory)).toHaveLength(2);
    const second = await startInstance(dispatch, { ...fast, file: [{ path }] }, state);
    await second.until(() => second.alerts.length > 0);
    expect(second.alerts[0]).toEqual({
      message: '5 alerts were dropped: their destination is not configured any more',
      fields: { dropped: 5 },
    });
    await second.stop();
    expect(readdirSync(state.directory)).toHaveLength(1);
  });
});
