import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStat } from './proc-process.ts';
import { type Elements, process as processModule } from './process.ts';

describeContract(processModule);

let folder = '';
let deletedPid = 0;
let deletedHash = '';
const children: ReturnType<typeof spawn>[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-process-'));
  const program = join(folder, 'napper');
  copyFileSync('/bin/sleep', program);
  appendFileSync(program, program);
  deletedHash = createHash('sha256').update(readFileSync(program)).digest('hex');
  const child = spawn(program, ['60.125'], { stdio: 'ignore' });
  children.push(child);
  await new Promise((resolve) => child.once('spawn', resolve));
  deletedPid = child.pid!;
  rmSync(program);
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const found = (result: Awaited<ReturnType<typeof run>>) => (result.elements as Elements)['s1']!;

/** What ps(1) says of processes, by number. */
function ps(columns: string): Map<number, string> {
  const lines = execFileSync('ps', ['-eo', `pid=,${columns}`], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return new Map(lines.map((line) => [Number.parseInt(line, 10), line.trim().replace(/^\d+\s+/, '')]));
}

/** A worker of the kernel is named after its task of the moment, and ps marks what has ended. */
const withoutTask = (line: string) => line.replace(/(kworker\/[^-]+)-.*/, '$1').replace(/ <defunct>$/, '');

describe('process', () => {
  test('lists the processes that ps lists, with the same parent, name and user', async () => {
    const columns = 'ppid=,euser:64=,comm=';
    const before = ps(columns);
    const processes = found(await runFlags(processModule, ['-name', '.']));
    const after = ps(columns);
    const steady = [...before].filter(([pid, line]) => after.get(pid) === line);
    const ours = new Map(processes.map(({ pid, ppid, user, name }) => [pid, `${ppid} ${user} ${name}`]));
    expect(steady.length).toBeGreaterThan(3);
    expect(steady.map(([pid]) => [pid, withoutTask(ours.get(pid) ?? 'missing')])).toEqual(
      steady.map(([pid, line]) => [pid, withoutTask(line.replace(/\s+/, ' ').replace(/ (\S+)\s+/, ' $1 '))]),
    );
  });

  test('finds a process whose executable was deleted, and gives its path and hash all the same', async () => {
    const processes = found(
      await run(processModule, {
        searches: { s1: { deleted: true, sha256: [deletedHash], options: { matchall: true } } },
      }),
    );
    expect(processes.map(({ pid, path, deleted, sha256 }) => ({ pid, path, deleted, sha256 }))).toEqual([
      { pid: deletedPid, path: join(folder, 'napper'), deleted: true, sha256: deletedHash },
    ]);
  });

  test('tells when a process started, to the second that ps tells', async () => {
    const [one] = found(await runFlags(processModule, ['-cmdline', 'napper 60\\.125$']));
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(deletedPid)], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    });
    expect(Math.abs(Date.parse(one!.starttime) - Date.parse(`${started.trim()} UTC`))).toBeLessThanOrEqual(1000);
  });

  test('matches the command line and does not return it', async () => {
    const result = await runFlags(processModule, ['-cmdline', '60\\.125']);
    expect(found(result).map(({ pid }) => pid)).toContain(deletedPid);
    expect(JSON.stringify(result.elements)).not.toContain('60.125');
  });

  test('finds the children of a process', async () => {
    const processes = found(await runFlags(processModule, ['-ppid', String(process.pid), '-name', '^napper$']));
    expect(processes.map(({ pid }) => pid)).toEqual([deletedPid]);
  });

  test('with matchany one filter is enough; with matchall all must match', async () => {
    const flags = ['-name', '^napper$', '-name', '^no such name$'];
    expect(found(await runFlags(processModule, [...flags, '-matchany']))).toHaveLength(1);
    expect(found(await runFlags(processModule, flags))).toEqual([]);
  });

  test('refuses a search without filters, by its label', async () => {
    const result = await run(processModule, { searches: { s1: {} } });
    expect(result.errors).toEqual(["parameter 'searches.s1': expected at least one filter, got {}"]);
  });
});

describe('parseStat', () => {
  test('reads a name that holds spaces and parentheses', () => {
    const line = `7 (a) (b c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 0 0`;
    expect(parseStat(Buffer.from(line))).toEqual({ name: 'a) (b c', ppid: 1, startTicks: 4242 });
  });

  test('gives nothing for what is no stat line', () => {
    for (const line of ['', '7', '7 (a', ')(', '7 (a) S x']) expect(parseStat(Buffer.from(line))).toBeUndefined();
  });
});
