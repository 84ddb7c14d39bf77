import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContentJudge } from './content-judge.ts';
import { Search } from './file-parameters.ts';
import type { EntryKind } from './listing.ts';
import { planSearches } from './search-plan.ts';
import { Subject } from './subject.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-content-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Judges `name` as what it was when it was listed, and gives what came of it. */
async function judge(name: string, kind: EntryKind = 'file', decompress = false): Promise<string[]> {
  const search = Search.parse({ paths: [root], contents: ['^needle$'], options: { matchall: true, decompress } });
  const events: string[] = [];
  const contents = new ContentJudge({
    breathe: () => undefined,
    isMadeUp: () => false,
    onPass: () => void events.push('passed'),
    onFailure: (_, error) => void events.push((error as Error).message.replace(/, .*/s, '')),
  });
  await contents.judge(new Subject(root, name, kind), planSearches({ s1: search }, 0));
  return events;
}

test('a file that turned into a link is not followed', async () => {
  writeFileSync(join(root, 'target'), 'needle\n');
  symlinkSync('target', join(root, 'file'));
  expect(readlinkSync(join(root, 'file'))).toBe('target');
  expect(await judge('file')).toEqual(['ELOOP: too many symbolic links encountered']);
});

test('a file that turned into a FIFO that nobody writes to is not waited for', async () => {
  execFileSync('mkfifo', [join(root, 'file')]);
  expect(await judge('file')).toEqual(['ESPIPE: invalid seek']);
});

test('nothing is taken from a FIFO that somebody writes to', async () => {
  execFileSync('mkfifo', [join(root, 'file')]);
  const writer = spawn(
    'sh',
    ['-c', 'exec 3<>"$1"; echo needle >&3; echo ready; head -c 7 <&3; sleep 60', 'sh', join(root, 'file')],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const output = writer.stdout[Symbol.asyncIterator]();
  await output.next();
  expect(await judge('file')).toEqual(['ESPIPE: invalid seek']);
  writer.kill('SIGKILL');
});

test('a link that led to a file, and now to a device, is not read on', async () => {
  symlinkSync('/dev/zero', join(root, 'link'));
  expect(await judge('link', 'link')).toEqual(['it is no regular file any more']);
});

test('a file that vanished is said to be gone', async () => {
  expect(await judge('file')).toEqual(['ENOENT: no such file or directory']);
});

test.each([10, 3_000_000])('a gzip file of %d lines is inflated when asked', async (lines) => {
  const script = 'yes hay | head -n "$2" > "$1/f"; echo needle >> "$1/f"; gzip "$1/f"';
  execFileSync('sh', ['-c', script, 'sh', root, String(lines)]);
  expect(await judge('f.gz', 'file', true)).toEqual(['passed']);
  expect(await judge('f.gz')).toEqual([]);
});

test('what root reads keeps its access time, where cat changes it', async ({ skip }) => {
  const old = new Date('2001-02-03T04:05:06Z');
  for (const name of ['read', 'printed']) {
    writeFileSync(join(root, name), 'needle\n');
    utimesSync(join(root, name), old, old);
  }
  execFileSync('cat', [join(root, 'printed')]);
  skip(process.geteuid?.() !== 0, 'only root may keep the times of everybody');
  skip(statSync(join(root, 'printed')).atimeMs === old.getTime(), 'access times are not kept by this file system');
  expect(await judge('read')).toEqual(['passed']);
  expect(statSync(join(root, 'read')).atime).toEqual(old);
});
