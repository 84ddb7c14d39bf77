import { readFileSync } from 'node:fs';
import type { RunContext } from '@mig/module';
import { run } from '@mig/module/testing';
import { expect, test } from 'vitest';
import { createBreathe } from '../../../module/src/host/breathe.ts';
import { type Elements, memory, type Parameters, type Statistics } from './memory.ts';
import { scanProcesses } from './scan-processes.ts';
import { withHolder } from './testing/memory-holder.ts';

const page = 4096;

function searchFor(executable: string, hex: string) {
  const options = { matchall: true, logfailures: true };
  return { searches: { s1: { names: [`^${executable}$`], bytes: [hex], options } } };
}

test('goes through 10,000 regions', async () => {
  const needle = Buffer.from('4d9c2f71e8a05b36', 'hex');
  await withHolder([{ pages: 10_000, stripes: true, puts: [[9_999 * page, needle]] }], async (holder) => {
    const lines = readFileSync(`/proc/${holder.pid}/maps`, 'latin1').split('\n').length;
    expect(lines).toBeGreaterThan(10_000);
    const result = await run(memory, searchFor(holder.executable, needle.toString('hex')));
    expect((result.elements as Elements)['s1']!.map(({ process }) => process.pid)).toEqual([holder.pid]);
    expect((result.errors ?? []).filter((error) => error.includes(String(holder.pid)))).toEqual([]);
  });
});

test('reads 2 GB of a process in memory of its own that does not grow with it, while the process runs on', async () => {
  const needle = Buffer.from('b7402e95d1c86f3a', 'hex');
  const pages = (2 * 1024 ** 3) / page;
  await withHolder([{ pages, touch: true, puts: [[pages * page - 8, needle]] }], async (holder) => {
    const before = process.memoryUsage.rss();
    const states = new Set<string>();
    const watch = setInterval(() => {
      const status = readFileSync(`/proc/${holder.pid}/status`, 'latin1');
      states.add(`${/State:\t(.)/.exec(status)![1]} ${/TracerPid:\t(.*)/.exec(status)![1]}`);
    }, 5);
    const result = await run(memory, searchFor(holder.executable, needle.toString('hex')));
    clearInterval(watch);
    const { memoryread } = result.statistics as Statistics;
    expect((result.elements as Elements)['s1']!.map(({ process }) => process.pid)).toEqual([holder.pid]);
    expect(memoryread).toBeGreaterThan(2 * 1024 ** 3);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 ** 2);
    for (const state of states) expect(state).toMatch(/^[RSD] 0$/);
    expect((await holder.stop()).rounds).toBeGreaterThan(0);
  });
});

test('goes on when a process ends while it is read', async () => {
  await withHolder([{ pages: 50_000, touch: true }], (going) =>
    withHolder([{ pages: 10, puts: [[0, Buffer.from('90e7b35c1fd24a68', 'hex')]] }], async (staying) => {
      let kill: Promise<void> | undefined;
      const warnings: string[] = [];
      const signal = new AbortController().signal;
      const breathe = createBreathe(signal);
      const context: RunContext<Parameters> = {
        parameters: memory.parameters.parse(searchFor(going.executable, '90e7b35c1fd24a68')),
        platform: 'linux',
        signal,
        warn: (message) => void warnings.push(message),
        breathe: () => {
          kill ??= going.kill();
          return breathe() ?? kill;
        },
        startThread: () => undefined,
      };
      const { elements } = await scanProcesses(context);
      expect(elements['s1']!.map(({ process }) => process.pid)).toEqual([staying.pid]);
      expect(warnings.filter((warning) => warning.includes(String(going.pid)))).toEqual([]);
    }),
  );
});
