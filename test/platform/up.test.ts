/** `mig up` as a person starts and stops it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOf } from '@mig/daemon';
import { startProcess, type TestProcess } from '@mig/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-up-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const started: TestProcess[] = [];
afterEach(() => Promise.all(started.splice(0).map((process) => process.stop())));
const mig = (words: readonly string[]) => {
  const directories = { XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') };
  const process = startProcess('mig', words, directories);
  started.push(process);
  return process;
};
const isUp = /ctrl-c stops platform and agent/;

/** Processes that were started with a file or directory below `folder`. */
function programs(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(folder);
    } catch {
      return false; // It ended.
    }
  });
}

test('makes a platform that answers at once, stops it cleanly, and finds everything again', async () => {
  const first = mig(['up']);
  await first.said(isUp);
  for (const thing of [
    'signing key',
    'its passphrase',
    'configuration of mig',
    'investigator',
    'agent of this machine',
  ])
    expect(first.output()).toMatch(new RegExp(`^made   ${thing}`, 'm'));
  const asked = mig(['example', '-t', 'online', '-y', '-gethostname']);
  expect([await asked.ended, asked.stdout()]).toEqual([0, `${hostname()} hostname is ${hostname()}\n`]);
  expect(existsSync(join(folder, 'data/mig/up/agent/etc/token'))).toBe(false);
  expect(programs()).toHaveLength(2);
  first.child.kill('SIGINT');
  expect([await first.ended, programs()]).toEqual([0, []]);

  const second = mig(['up']);
  await second.said(isUp);
  expect(second.output()).not.toContain('made');
  const again = mig(['example', '-t', 'online', '-y', '-gethostname']);
  expect(await again.ended).toBe(0);
  const beside = mig(['up']);
  expect([await beside.ended, beside.output()]).toEqual([
    1,
    expect.stringMatching(/a mig-server runs .*stop it first/),
  ]);
  const pids = programs();
  await second.kill();
  await expect.poll(() => pids.filter((pid) => startOf(Number(pid)) !== undefined), { timeout: 15_000 }).toEqual([]);
});

test('says why when a program that it needs ends', async () => {
  const up = mig(['up']);
  await up.said(isUp);
  const agent = programs().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('mig-agent'))!;
  process.kill(Number(agent), 'SIGKILL');
  expect(await up.ended).toBe(1);
  expect(up.output()).toMatch(/mig: mig-agent ended by the signal SIGKILL; mig-agent.log ends with:\n {2}.*info/);
  expect(up.output()).toContain('platform and agent are stopped');
  expect(programs()).toEqual([]);
});
