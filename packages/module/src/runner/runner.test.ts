import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyModule } from '../contract/define-module.ts';
import { stopNotice } from '../contract/result.ts';
import { sample } from '../testing/sample-module.ts';
import { samplePersistent } from '../testing/sample-persistent.ts';
import { type ProcessOptions, runModuleProcess } from './module-process.ts';
import { instancePermissionFlags, permissionFlags } from './permissions.ts';
import { SpareProcess } from './spare-process.ts';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-runner-'));
  const entryPoints = [join(import.meta.dirname, '../testing/sample-host.ts')];
  await build({ entryPoints, outfile: join(folder, 'host.cjs'), bundle: true, platform: 'node', format: 'cjs' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const runSample = (parameters: unknown, options: Partial<ProcessOptions> = {}, module: AnyModule = sample) =>
  runModuleProcess(module, parameters, { host: { script: join(folder, 'host.cjs'), nodeFlags: [] }, ...options });
const errorOf = async (does: string, options: Partial<ProcessOptions> = {}, module: AnyModule = sample) =>
  (await runSample({ does }, options, module)).errors![0];

describe('runModuleProcess', () => {
  test('gives the result of the process', async () => {
    expect((await runSample({ words: ['a'] })).elements).toEqual({ words: ['a'] });
  });

  test('stops a run that is aborted, also one that is busy', async () => {
    for (const does of ['wait', 'spin']) {
      const stopper = new AbortController();
      setTimeout(() => stopper.abort(), 300);
      expect(await errorOf(does, { signal: stopper.signal })).toBe(stopNotice);
    }
  });

  test('stops a run at its time limit', async () => {
    expect(await errorOf('wait', { limits: { timeoutMs: 300 } })).toBe(
      'module sample: stopped after its time limit of 300 ms',
    );
  });

  test('kills a run that eats memory', async () => {
    expect(await errorOf('eat', { limits: { memoryMb: 150 } })).toMatch(
      /^module sample: it used \d+ MiB of memory, more than its 150, and was killed$/,
    );
  });

  test('kills a run that floods its output', async () => {
    expect(await errorOf('shout', { limits: { outputBytes: 100_000 } })).toBe(
      'module sample: it wrote more than 100000 bytes and was killed',
    );
  });

  test('answers for a process that was killed', async () => {
    expect(await errorOf('die')).toBe('module sample: its process ended without a result (killed by SIGKILL)');
  });

  test('answers for a process that could not be started', async () => {
    const host = { script: join(folder, 'nosuch.cjs'), nodeFlags: [] };
    expect((await runSample({}, { host })).errors![0]).toBe(
      'module sample: its process ended without a result (exit status 1)',
    );
  });

  test('starts without a snapshot that was built with other flags', async () => {
    const script = join(folder, 'empty.cjs');
    const blob = join(folder, 'empty.blob');
    writeFileSync(script, '');
    execFileSync(process.execPath, ['--snapshot-blob', blob, '--build-snapshot', script]);
    const host = { script: join(folder, 'host.cjs'), nodeFlags: ['--snapshot-blob', blob] };
    expect((await runSample({ words: ['a'] }, { host })).elements).toEqual({ words: ['a'] });
  });
});

describe('a spare process', () => {
  const withSpare = async (use: (spare: SpareProcess) => Promise<void>) => {
    const spare = new SpareProcess({ script: join(folder, 'host.cjs'), nodeFlags: [] });
    try {
      await use(spare);
    } finally {
      spare.close();
    }
  };

  test('answers in place of a new one, and another one waits after the run', () =>
    withSpare(async (spare) => {
      spare.prepare(sample);
      const first = spare.pid;
      expect((await runSample({ words: ['a'] }, { spare })).elements).toEqual({ words: ['a'] });
      expect(() => process.kill(first!, 0)).toThrow('ESRCH');
      await expect.poll(() => spare.pid).toBeDefined();
      expect(spare.pid).not.toBe(first);
      expect((await runSample({ words: ['b'] }, { spare })).elements).toEqual({ words: ['b'] });
    }));

  test('is not used for a module with other permissions, and is then replaced by one with them', () =>
    withSpare(async (spare) => {
      spare.prepare(sample);
      const first = spare.pid;
      const trusted = { ...sample, needs: ['children'] } as const;
      expect((await runSample({ does: 'spawn' }, { spare }, trusted)).success).toBe(true);
      await expect.poll(() => spare.pid).not.toBe(first);
      expect((await runSample({ does: 'spawn' }, { spare })).errors![0]).toMatch(/permission|restricted/i);
    }));

  test('that was killed while it waited costs no run', () =>
    withSpare(async (spare) => {
      spare.prepare(sample);
      const { pid } = spare;
      process.kill(pid!, 'SIGKILL');
      while (spare.pid === pid) await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await runSample({ words: ['a'] }, { spare })).elements).toEqual({ words: ['a'] });
    }));
});

test('a module process ends soon after the program that owns it was killed', async () => {
  const owner = join(folder, 'owner.cjs');
  writeFileSync(
    owner,
    `const { spawn } = require('node:child_process');
     const child = spawn(process.execPath, [${JSON.stringify(join(folder, 'host.cjs'))}, '-m', 'sample', '-owned']);
     child.stdin.write('{"class":"parameters","parameters":{"does":"spin"}}\\n');
     console.log(child.pid);
     setInterval(() => {}, 1000);`,
  );
  const child = spawn(process.execPath, [owner], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
});

/** Whether the process runs; one that ended and that nobody has waited for does not (proc_pid_stat(5), state Z). */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

describe('the permissions of a module process', () => {
  const wrote = '/tmp/mig-sample-wrote-this';

  test('let it neither write nor start a program, unless its module needs to', async () => {
    rmSync(wrote, { force: true });
    expect(await errorOf('write')).toMatch(/permission|restricted/i);
    expect(existsSync(wrote)).toBe(false);
    expect(await errorOf('spawn')).toMatch(/permission|restricted/i);
    const trusted = { ...sample, needs: ['write', 'children'] } as const;
    expect((await runSample({ does: 'write' }, {}, trusted)).success).toBe(true);
    expect((await runSample({ does: 'spawn' }, {}, trusted)).success).toBe(true);
    rmSync(wrote);
  });

  test('are spelled as each version of Node spells them', () => {
    const needy = { ...sample, needs: ['network', 'threads'] } as const;
    expect(permissionFlags(sample, '20.20.2')).toEqual(['--experimental-permission', '--allow-fs-read=*']);
    expect(permissionFlags(needy, '24.1.0')).toEqual(['--permission', '--allow-fs-read=*', '--allow-worker']);
    expect(permissionFlags(needy, '25.0.0')).toEqual([
      '--permission',
      '--allow-fs-read=*',
      '--allow-net',
      '--allow-worker',
    ]);
  });

  test('of one that stays are its own and its socket; whoever asks it needs no more than to connect', () => {
    const stays = { ...samplePersistent, needs: ['children'] } as const;
    const base = ['--experimental-permission', '--allow-fs-read=*'];
    expect(permissionFlags(stays, '20.20.2')).toEqual(base);
    expect(permissionFlags(stays, '25.0.0')).toEqual(['--permission', '--allow-fs-read=*', '--allow-net']);
    const socket = '--allow-fs-write=/run/s.sock';
    expect(instancePermissionFlags(stays, '/run/s.sock', '/state', '20.20.2')).toEqual([
      ...base,
      '--allow-child-process',
      socket,
      '--allow-fs-write=/state/*',
    ]);
    const writes = { ...samplePersistent, needs: ['write'] } as const;
    expect(instancePermissionFlags(writes, '/run/s.sock', '/state', '20.20.2')).toEqual([
      ...base,
      '--allow-fs-write=*',
    ]);
  });
});
