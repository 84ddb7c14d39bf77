import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runFlags } from '@mig/module/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProcesses } from './find-processes.ts';
import { parseStat, userNames } from './proc-process.ts';
import { type Elements, type Parameters, process as processModule } from './process.ts';

let folder = '';
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-process-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function start(command: string | Buffer, words: readonly string[]): Promise<number> {
  const child = spawn(command as string, words, { stdio: 'ignore' });
  children.push(child);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return child.pid!;
}

/** A program of its own: what follows an executable's sections is not loaded, and changes its hash. */
function makeProgram(path: string): string {
  copyFileSync('/bin/sleep', path);
  appendFileSync(path, path);
  return path;
}

const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const found = (result: { readonly elements: unknown }) => (result.elements as Elements)['s1']!;

describe('process, over odd processes', () => {
  test('does not take a file whose name ends like the mark of deleted ones for deleted', async () => {
    const program = makeProgram(join(folder, 'nap (deleted)'));
    const pid = await start(program, ['60']);
    const flags = ['-path', `^\\Q${program}\\E$`];
    expect(found(await runFlags(processModule, flags))).toMatchObject([{ pid, path: program, deleted: false }]);
    rmSync(program);
    expect(found(await runFlags(processModule, [...flags, '-deleted']))).toMatchObject([
      { pid, path: program, deleted: true },
    ]);
  });

  test('finds a program that was replaced by a new version, by the hash of the one that runs', async () => {
    const program = makeProgram(join(folder, 'server'));
    const pid = await start(program, ['60']);
    const sha256 = hashOf(program);
    rmSync(program);
    writeFileSync(program, 'another');
    expect(found(await runFlags(processModule, ['-sha256', sha256.toUpperCase(), '-deleted']))).toMatchObject([
      { pid, path: program, sha256, deleted: true },
    ]);
  });

  test('finds a program that never was a file', async () => {
    const program = `import os
fd = os.memfd_create('ghost')
os.write(fd, open('${makeProgram(join(folder, 'ghost'))}', 'rb').read())
os.execve(fd, ['sleep', '60.875'], {})`;
    const pid = await start('python3', ['-c', program]);
    let ghosts = found(await runFlags(processModule, ['-deleted', '-path', '^/memfd:ghost$']));
    while (ghosts.length === 0) ghosts = found(await runFlags(processModule, ['-deleted', '-path', '^/memfd:ghost$']));
    expect(ghosts).toMatchObject([{ pid, path: '/memfd:ghost', deleted: true }]);
    const options = { matchall: true };
    const byHash = { s1: { deleted: true, sha256: [hashOf(join(folder, 'ghost'))], options } };
    expect(found(await run(processModule, { searches: byHash }))).toMatchObject([{ pid, path: '/memfd:ghost' }]);
  });

  test('tells the threads of the kernel as ps does: they have no executable', async () => {
    const lines = execFileSync('ps', ['--ppid', '2', '-o', 'pid=,comm='], { encoding: 'utf8' });
    if (lines.trim() === '') return expect(found(await runFlags(processModule, ['-ppid', '2']))).toEqual([]);
    const threads = found(await runFlags(processModule, ['-ppid', '2']));
    expect(threads.map(({ path, deleted, user }) => `${path} ${deleted} ${user}`)).toEqual(
      threads.map(() => ' false root'),
    );
    const lasting = lines.match(/^ *\d+ (migration|ksoftirqd)\S*$/gm)!.map((line) => Number.parseInt(line, 10));
    expect(threads.map(({ pid }) => pid)).toEqual(expect.arrayContaining(lasting));
  });

  test('says of how many processes it may not see the executable, and returns them all the same', async () => {
    await runFlags(processModule, ['-ppid', '1']); // Loads what it needs, which another user may not be able to read.
    const isRoot = process.getuid!() === 0;
    if (isRoot) process.seteuid!(65_534);
    const result = await runFlags(processModule, ['-user', '^root$']).finally(() => {
      if (isRoot) process.seteuid!(0);
    });
    expect(result.errors).toHaveLength(1);
    expect(result.errors![0]).toMatch(
      /^the executable of .*\bpid 1\b.* could not be read: not permitted, run as root to see all$/,
    );
    expect(found(result)).toContainEqual(expect.objectContaining({ pid: 1, path: '', user: 'root' }));
  });

  test('goes on while processes come and go', async () => {
    await start('sh', ['-c', 'while :; do /bin/true & /bin/true & wait; done']);
    for (let i = 0; i < 5; i++) {
      const result = await runFlags(processModule, ['-cmdline', '.', '-path', '.']);
      expect(result.success).toBe(true);
      expect((result.errors ?? []).filter((error) => !error.includes('not permitted'))).toEqual([]);
    }
  });
});

describe('process, over a recorded tree', () => {
  const stat = (name: string | Buffer) =>
    Buffer.concat([
      Buffer.from('9 ('),
      Buffer.from(name),
      Buffer.from(') S 1 9 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 250 0'),
    ]);

  function record(pid: number, files: Readonly<Record<string, string | Buffer>>): void {
    mkdirSync(join(folder, String(pid)));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, String(pid), name), text);
  }

  function search(parameters: object, warn: (message: string) => void = (message) => expect.unreachable(message)) {
    writeFileSync(join(folder, 'stat'), 'cpu 1\nbtime 1700000000\n');
    writeFileSync(join(folder, 'passwd'), 'root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\nweb:x:33:33::/:/bin/sh\n');
    const context = {
      parameters: processModule.parameters.parse({ searches: { s1: parameters } }) as Parameters,
      platform: 'linux',
      signal: new AbortController().signal,
      warn,
      breathe: () => undefined,
      startThread: () => undefined,
    } as const;
    return findProcesses(context, { proc: folder, passwd: join(folder, 'passwd') });
  }

  test('tells name, effective user and start; passes over what ended, and what is no process', async () => {
    record(9, { stat: stat('a) b'), status: 'Name:\ta\nUid:\t0\t33\t33\t33\n', cmdline: 'a\0b\0' });
    record(10, { stat: stat(Buffer.from([0x61, 0xff])), status: 'Uid:\t5\t5\t5\t5\n', cmdline: '' });
    record(11, {});
    record(12, { stat: 'nonsense', status: 'Uid:\t0\t0\t0\t0\n' });
    symlinkSync('/bin/a', join(folder, '9/exe'));
    const { elements, statistics } = await search({ names: ['.'] });
    const common = { ppid: 1, starttime: '2023-11-14T22:13:22Z', deleted: false };
    expect(elements['s1']).toEqual([
      { ...common, pid: 9, name: 'a) b', path: '/bin/a', user: 'web' },
      { ...common, pid: 10, name: 'a\\xff', path: '', user: '5' },
    ]);
    expect(statistics.processcount).toBe(2);
  });

  test('matches arguments that are joined by spaces, from the first to the last', async () => {
    record(9, { stat: stat('a'), status: 'Uid:\t0\t0\t0\t0\n', cmdline: 'sh\0-c\0two words\0' });
    const { elements } = await search({ cmdlines: ['^sh -c two words$'] });
    expect(elements['s1']!.map(({ pid }) => pid)).toEqual([9]);
  });

  test('reads any bytes as a stat line or refuses them, and any text as users', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, text) => {
        const read = parseStat(Buffer.from(bytes));
        if (read !== undefined) expect(Number.isSafeInteger(read.startTicks)).toBe(true);
        for (const uid of userNames(text).keys()) expect(uid).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('reads back any name without a NUL', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.nat(), (name, ticks) => {
        const line = `7 (${name}) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 ${ticks} 0 0`;
        expect(parseStat(Buffer.from(line))).toEqual({
          name: Buffer.from(name).toString().replaceAll('\\x', '\\x5cx'),
          ppid: 1,
          startTicks: ticks,
        });
      }),
    );
  });
});

test('process refuses two hashes or two parents with matchall, which no process can have', async () => {
  const result = await run(processModule, { searches: { s1: { ppids: [1, 2], options: { matchall: true } } } });
  expect(result.errors).toEqual([
    "parameter 'searches.s1.ppids': expected one with matchall, got 2: use matchany to find any of them",
  ]);
});
