import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startOf } from '@mig/daemon';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endLeftovers, noteInstance } from './leftovers.ts';

let directory: string;
let groups: number[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mig-leftovers-'));
  groups = [];
});
afterEach(() => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {} // It ended, as it should.
  }
  rmSync(directory, { recursive: true });
});

/** A process that leads a group, and another that it started. */
async function startGroup(): Promise<{ leader: ChildProcess; pid: number; child: number }> {
  const script = 'sleep 600 & echo $!; wait';
  const leader = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  groups.push(leader.pid!);
  const [line] = (await once(createInterface(leader.stdout!), 'line')) as [string];
  return { leader, pid: leader.pid!, child: Number(line) };
}

test('a process that was left is ended with what it started', async () => {
  const { leader, pid, child } = await startGroup();
  noteInstance(directory, 'audit', pid);
  expect(endLeftovers(directory)).toEqual([pid]);
  await once(leader, 'exit');
  await expect.poll(() => startOf(child)).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});

test('a process that has another start than was noted is left alone, and its group', async () => {
  const { pid, child } = await startGroup();
  noteInstance(directory, 'audit', pid);
  const path = join(directory, 'audit.pid');
  const { start } = JSON.parse(readFileSync(path, 'utf8')) as { readonly start: string };
  writeFileSync(path, JSON.stringify({ pid, start: `${start}1` }));
  expect(endLeftovers(directory)).toEqual([]);
  expect([startOf(pid), startOf(child)]).not.toContain(undefined);
  expect(readdirSync(directory)).toEqual([]);
});

test('one that leads no group, as when it is just about to end, is no reason not to start', async () => {
  const alone = spawn('/bin/sleep', ['600']);
  try {
    noteInstance(directory, 'audit', alone.pid!);
    expect(endLeftovers(directory)).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  } finally {
    alone.kill('SIGKILL');
  }
});

test('what is no note is removed', () => {
  writeFileSync(join(directory, 'cut.pid'), '{"pid":1');
  writeFileSync(join(directory, 'empty.pid'), '');
  expect(endLeftovers(directory)).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});
