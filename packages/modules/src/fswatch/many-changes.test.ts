/** So many changes at once that they overlap, and that the system loses some: none is missed, none is invented. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSame, replay, truthOf } from './testing/truth.ts';
import { pause, rescanned, statisticsOf, useTree } from './testing/use-tree.ts';

// In memory, so that ten thousand changes take a second.
const place = useTree(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
const { shell, start } = place;

describe('ten thousand changes in a second', () => {
  const script = (name: string) => join(import.meta.dirname, 'testing', name);

  test.each([1, 2])('of every kind, mixed: each difference raises one alert, and none is invented', async () => {
    shell('mkdir start; for i in $(seq 200); do echo $i > start/$i; done');
    const instance = await start({ settle: '100ms', rescan: '500ms', hashrate: 10_000 });
    const before = truthOf(place.path);
    const seed = `${Date.now() % 100_000}`;
    const churn = spawn('python3', [script('churn.py'), place.path, '10000', seed], { stdio: 'inherit' });
    expect(await once(churn, 'exit')).toEqual([0, null]);
    const after = truthOf(place.path);
    // A change through another hard link is found when everything is compared.
    const { rescans } = await statisticsOf(instance);
    while (!isSame(after, replay(before, instance.alerts)) && (await statisticsOf(instance)).rescans < rescans + 5) {
      await pause();
    }
    expect(replay(before, instance.alerts), `seed ${seed}`).toEqual(after);
    const raised = instance.alerts.length;
    await rescanned(instance, 2);
    expect(instance.alerts.length).toBe(raised);
    const { elements } = await instance.ask({});
    expect(elements).toMatchObject({ ok: true, alerts: raised, dropped: 0, watching: after.size });
    await instance.stop();
  });

  test('of one kind at a time: each is an alert, by events alone', async () => {
    const instance = await start({ rescan: '24h', hashrate: 10_000 });
    let before = truthOf(place.path);
    let told = 0;
    for (const [what, expected] of [
      ['create', 5_100],
      ['change', 5_000],
      ['rename', 10_000],
      ['remove', 5_100],
    ] as const) {
      const program = spawn('python3', [script('all-at-once.py'), place.path, what], { stdio: 'inherit' });
      expect(await once(program, 'exit')).toEqual([0, null]);
      const after = truthOf(place.path);
      const alerts = () => instance.alerts.slice(told);

      while (alerts().length < expected || !isSame(after, replay(before, alerts()))) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      // What was changed while it was noticed counts for each state that was seen.
      expect(new Set(alerts().map(({ fields }) => fields['path'])).size).toBe(expected);
      told = instance.alerts.length;
      before = after;
    }
    expect((await instance.ask({})).elements).toMatchObject({ ok: true, dropped: 0 });
    await instance.stop();
  });
});

test('what the system did not tell, since its queue overflowed, is found all the same', async () => {
  shell('mkdir dir; for i in $(seq 100); do echo $i > dir/$i; done');
  const instance = await start({ rescan: '24h', poll: '24h' });
  const before = truthOf(place.path);
  // This process reads no events while it waits for the other one, and so the queue (16,384 events) runs over.
  const many = 'import os\nfor i in range(20000):\n os.chmod("dir/%d" % (i % 50 + 1), 0o600 + i % 2)';
  execFileSync('python3', ['-c', many], { cwd: place.path });
  shell('for i in $(seq 51 100); do echo more >> dir/$i; done; rm -r dir; mkdir dir; echo x > dir/new');
  const after = truthOf(place.path);
  while (!isSame(after, replay(before, instance.alerts))) await pause();
  while ((await statisticsOf(instance)).rescans === 0) await pause();
  const { events } = await statisticsOf(instance);
  shell('echo y >> dir/new');
  const raised = instance.alerts.length;
  await instance.until(() => instance.alerts.length > raised);
  expect((await statisticsOf(instance)).events).toBeGreaterThan(events);
  await instance.stop();
});
