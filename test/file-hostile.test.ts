/** The file module as a process, on trees that mean it no good: each run ends, in bounded memory, and says what happened. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@mig/module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesIn, measuredSearch, mostMb } from './measured-search.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-hostile-'));
});
afterAll(() => execFileSync('rm', ['-rf', folder]));

/** Runs one search in a process; gives what it answered, in little memory. */
async function search(one: object, options: object = {}): Promise<Result> {
  const { result, peakMb } = await measuredSearch({ ...one, options: { matchall: true, ...options } });
  expect(peakMb).toBeLessThan(mostMb);
  return result;
}

const make = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};

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
    expect([filesIn(result), result.errors]).toEqual([[join(path, 'file')], null]);
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
        expect([result.success, filesIn(result)]).toEqual([true, []]);
        for (const error of result.errors ?? []) expect(error).toMatch(/ENOENT|ENOTDIR|changed while it was read/);
      }
    } finally {
      busy.kill('SIGKILL');
    }
  });

  test('matches lines of a megabyte, and patterns that would ruin a backtracking engine', async () => {
    const path = make('lines');
    writeFileSync(join(path, 'long'), `${'a'.repeat(1_000_000)}\n`.repeat(20));
    writeFileSync(join(path, 'equals'), `${'x='.repeat(500_000)}\n`);
    const evil = ['(a+)+$', '(a|aa)+$', '(x+x+)+y', '([a-z]+)*\\d', '.*=.*;', '(a{1,20}){1,20}b', '(?i)(A+)+b'];
    for (const pattern of evil) {
      const result = await search({ paths: [path], contents: [pattern] });
      expect([pattern, result.success, result.errors]).toEqual([pattern, true, null]);
    }
    expect(filesIn(await search({ paths: [path], contents: ['^a{1000}a+$'] }))).toEqual([join(path, 'long')]);
  });

  test('says where a tree is too deep to be named', async () => {
    const path = make('deep');
    const script = `import os\nos.chdir(${JSON.stringify(path)})\nfor i in range(120):\n  os.mkdir('d'*60)\n  os.chdir('d'*60)\nopen('bottom','w').close()`;
    execFileSync('python3', ['-c', script]);
    writeFileSync(join(path, 'bottom'), '');
    const result = await search({ paths: [path], names: ['^bottom$'] });
    expect(result.success).toBe(true);
    expect(filesIn(result)).toEqual([join(path, 'bottom')]);
    expect(result.errors).toHaveLength(1);
    expect(result.errors![0]).toMatch(/ENAMETOOLONG/);
  });
});
