/** The file module as a process, on trees that mean it no good: each run ends, in bounded memory, and says what happened. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, root, start } from './processes.ts';

/** Most resident memory that a run may need, in KiB. */
const memoryBoundKib = 250 * 1024;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-hostile-'));
});
afterAll(() => execFileSync('rm', ['-rf', folder]));

interface FileResult {
  readonly success: boolean;
  readonly elements: Readonly<Record<string, readonly { readonly file: string }[]>> | null;
  readonly errors: readonly string[] | null;
  readonly statistics: { readonly filescount: number } | null;
}

/** Runs one search in a process, watches its memory, and gives what it answered. */
async function search(one: object, options: object = {}): Promise<FileResult> {
  const child = start('mig-agent', ['-m', 'file']);
  const end = ended(child);
  let peakKib = 0;
  const watch = setInterval(() => {
    peakKib = Math.max(peakKib, peakMemoryKib(child.pid!));
  }, 20);
  child.stdin?.end(
    `${JSON.stringify({ class: 'parameters', parameters: { searches: { s1: { ...one, options: { matchall: true, ...options } } } } })}\n`,
  );
  const { stdout, stderr } = await end;
  clearInterval(watch);
  expect(stderr).toBe('');
  expect(peakKib).toBeLessThan(memoryBoundKib);
  return JSON.parse(stdout) as FileResult;
}

function peakMemoryKib(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const make = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};
const found = (result: FileResult) => result.elements?.['s1']?.map(({ file }) => file) ?? [];

describe('the file module', () => {
  test('passes over FIFOs and sockets without opening them, and links that loop', async () => {
    const path = make('special');
    execFileSync('mkfifo', [join(path, 'fifo')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(path, 'socket'), resolve));
    symlinkSync('b', join(path, 'a'));
    symlinkSync('a', join(path, 'b'));
    symlinkSync('.', join(path, 'self'));
    symlinkSync('/dev/zero', join(path, 'zero'));
    writeFileSync(join(path, 'file'), 'needle\n');
    const result = await search({ paths: [path], contents: ['needle'] });
    server.close();
    expect([found(result), result.errors]).toEqual([[join(path, 'file')], null]);
  });

  test('names what it may not read, and goes on', async () => {
    const path = make('unreadable');
    mkdirSync(join(path, 'closed'));
    writeFileSync(join(path, 'secret'), 'needle\n');
    writeFileSync(join(path, 'open'), 'needle\n');
    chmodSync(join(path, 'closed'), 0);
    chmodSync(join(path, 'secret'), 0);
    chmodSync(path, 0o755);
    chmodSync(folder, 0o755);
    const message = JSON.stringify({
      class: 'parameters',
      parameters: { searches: { s1: { paths: [path], contents: ['needle'] } } },
    });
    const asNobody =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : ['env'];
    const program = make('program');
    execFileSync('cp', ['-r', join(root, 'packages/agent/dist'), program]);
    execFileSync('chmod', ['-R', 'a+rX', program]);
    const words = [...asNobody.slice(1), process.execPath, join(program, 'dist/mig-agent.cjs'), '-m', 'file'];
    const result = JSON.parse(
      execFileSync(asNobody[0]!, words, { input: `${message}\n`, encoding: 'utf8' }),
    ) as FileResult;
    expect(found(result)).toEqual([join(path, 'open')]);
    expect(result.errors).toEqual([
      `${join(path, 'closed')}: EACCES: permission denied`,
      `${join(path, 'secret')}: EACCES: permission denied`,
    ]);
    expect(result.statistics).toMatchObject({ openfailed: 2 });
  });

  test('takes files that come and go for what they are', async () => {
    const path = make('vanishing');
    const script =
      'i=0; while :; do i=$((i+1)); d="$1/d$((i%50))"; mkdir -p "$d"; echo hay > "$d/f$i"; rm -rf "$1/d$(((i+25)%50))"; done';
    const busy = spawn('sh', ['-c', script, 'sh', path], { stdio: 'ignore' });
    try {
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (let i = 0; i < 5; i++) {
        const result = await search({ paths: [path], contents: ['needle'] });
        expect([result.success, found(result)]).toEqual([true, []]);
        for (const error of result.errors ?? []) expect(error).toMatch(/ENOENT|ENOTDIR|changed while it was read/);
      }
    } finally {
      busy.kill('SIGKILL');
    }
  });

  test('reads ten gigabytes of a sparse file', async () => {
    const path = make('sparse');
    const fd = openSync(join(path, 'big'), 'w');
    ftruncateSync(fd, 10 * 2 ** 30);
    writeSync(fd, '\nneedle\n', 10 * 2 ** 30 - 8);
    closeSync(fd);
    const result = await search({ paths: [path], contents: ['^needle$'], sizes: ['>9g'] });
    expect([found(result), result.errors]).toEqual([[join(path, 'big')], null]);
  }, 120_000);

  test('looks through a gzip bomb', async () => {
    const path = make('bomb');
    const gzip = createGzip();
    const pieces: Buffer[] = [];
    gzip.on('data', (piece: Buffer) => pieces.push(piece));
    const zeros = Buffer.alloc(1 << 20);
    for (let i = 0; i < 1024; i++) if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once('drain', resolve));
    gzip.end('\nneedle\n');
    await new Promise((resolve) => gzip.once('end', resolve));
    writeFileSync(join(path, 'bomb.gz'), Buffer.concat(pieces));
    const result = await search({ paths: [path], contents: ['^needle$'] }, { decompress: true });
    expect([found(result), result.errors]).toEqual([[join(path, 'bomb.gz')], null]);
  }, 120_000);

  test('matches lines of a megabyte, and patterns that would ruin a backtracking engine', async () => {
    const path = make('lines');
    writeFileSync(join(path, 'long'), `${'a'.repeat(1_000_000)}\n`.repeat(20));
    writeFileSync(join(path, 'equals'), `${'x='.repeat(500_000)}\n`);
    const evil = ['(a+)+$', '(a|aa)+$', '(x+x+)+y', '([a-z]+)*\\d', '.*=.*;', '(a{1,20}){1,20}b', '(?i)(A+)+b'];
    for (const pattern of evil) {
      const result = await search({ paths: [path], contents: [pattern] });
      expect([pattern, result.success, result.errors]).toEqual([pattern, true, null]);
    }
    expect(found(await search({ paths: [path], contents: ['^a{1000}a+$'] }))).toEqual([join(path, 'long')]);
  }, 60_000);

  test('says where a tree is too deep to be named', async () => {
    const path = make('deep');
    const script = `import os\nos.chdir(${JSON.stringify(path)})\nfor i in range(120):\n  os.mkdir('d'*60)\n  os.chdir('d'*60)\nopen('bottom','w').close()`;
    execFileSync('python3', ['-c', script]);
    writeFileSync(join(path, 'bottom'), '');
    const result = await search({ paths: [path], names: ['^bottom$'] });
    expect(result.success).toBe(true);
    expect(found(result)).toEqual([join(path, 'bottom')]);
    expect(result.errors).toHaveLength(1);
    expect(result.errors![0]).toMatch(/ENAMETOOLONG/);
  });

  test('walks a directory of 200,000 files', async () => {
    const path = make('many');
    execFileSync('python3', [
      '-c',
      `import os\nos.chdir(${JSON.stringify(path)})\nfor i in range(200000): os.close(os.open('f%d' % i, os.O_CREAT))`,
    ]);
    const result = await search({ paths: [path], names: ['^f(7|199999)$'] });
    expect(found(result)).toEqual([join(path, 'f199999'), join(path, 'f7')]);
    expect(result.statistics).toMatchObject({ filescount: 200_000 });
  }, 120_000);
});
