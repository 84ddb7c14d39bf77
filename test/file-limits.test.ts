import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@mig/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ended, start } from './processes.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-limits-'));
  chmodSync(root, 0o755);
});
afterEach(() => {
  execFileSync('rm', ['-rf', root]);
});

const at = (name: string) => join(root, name);

/** Runs the file module as a process; gives its result, and its most resident memory in MiB (proc(5), VmHWM). */
async function search(one: object, uid?: number): Promise<{ readonly result: Result; readonly peakMb: number }> {
  const child = start('mig-agent', ['-m', 'file'], uid === undefined ? {} : { uid, gid: uid });
  const end = ended(child);
  let peakKb = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It ended.
    }
  }, 5);
  const parameters = { searches: { s1: { paths: [root], ...one } } };
  child.stdin?.write(`${JSON.stringify({ class: 'parameters', parameters })}\n`);
  const { stdout } = await end;
  clearInterval(timer);
  return { result: JSON.parse(stdout) as Result, peakMb: peakKb / 1024 };
}

const namesIn = ({ elements }: Result) =>
  (elements as { s1: { file: string }[] }).s1.map(({ file }) => file.replace(`${root}/`, ''));
const mostMb = 250;

test('a sparse file of 10 GB is searched to its end in little memory', async () => {
  writeFileSync(at('sparse'), '');
  truncateSync(at('sparse'), 10 * 1024 ** 3);
  writeFileSync(at('sparse'), '\nneedle\n', { flag: 'a' });
  const { result, peakMb } = await search({ contents: ['^needle$'] });
  expect([namesIn(result), result.errors]).toEqual([['sparse'], null]);
  expect(peakMb).toBeLessThan(mostMb);
}, 120_000);

test('a gzip bomb is inflated to its end in little memory', async () => {
  const script =
    'head -c 200M /dev/zero | gzip > "$1/one"; for i in 1 2 3 4 5 6 7 8 9 10; do cat "$1/one"; done > "$1/bomb"; echo needle | gzip >> "$1/bomb"; rm "$1/one"';
  execFileSync('sh', ['-c', script, 'sh', root]);
  const { result, peakMb } = await search({ contents: ['needle$'], options: { decompress: true } });
  expect([namesIn(result), result.errors]).toEqual([['bomb'], null]);
  expect(peakMb).toBeLessThan(mostMb);
}, 120_000);

test('200,000 files in one directory are found in little memory', async () => {
  const program = 'import os,sys\nfor i in range(200000): os.close(os.open(f"{sys.argv[1]}/file-{i:06}", os.O_CREAT))';
  execFileSync('python3', ['-c', program, root]);
  const some = await search({ sizes: ['0'], contents: ['!needle'], options: { matchall: true, matchlimit: 3 } });
  expect(namesIn(some.result)).toEqual(['file-000000', 'file-000001', 'file-000002']);
  expect(some.result.statistics).toMatchObject({ filescount: 200_000, totalhits: 200_000 });
  expect(some.result.errors).toEqual([
    "search 's1': 200000 matches, more than its matchlimit: the first 3 by path are returned",
  ]);
  const all = await search({ names: ['file'] });
  expect(all.result.errors).toEqual([
    "search 's1': 200000 matches, more than a result can hold: set its matchlimit, or ask a narrower question",
  ]);
  const most = await search({ names: ['file'], options: { matchlimit: 30_000 } });
  expect(namesIn(most.result)).toHaveLength(30_000);
  expect(Math.max(some.peakMb, all.peakMb, most.peakMb)).toBeLessThan(mostMb);
}, 120_000);

test('what may not be read is a soft error for each, and the walk goes on', async () => {
  for (const name of ['a', 'b', 'c']) writeFileSync(at(name), 'needle\n');
  chmodSync(at('b'), 0);
  execFileSync('mkdir', ['-m', '0', at('closed')]);
  const { result } = await search({ contents: ['needle'] }, 65_534);
  expect(namesIn(result)).toEqual(['a', 'c']);
  expect(result.errors).toEqual([
    `${at('b')}: EACCES: permission denied`,
    `${at('closed')}: EACCES: permission denied`,
  ]);
  expect(result.statistics).toMatchObject({ openfailed: 2 });
});
