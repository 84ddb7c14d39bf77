import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hashFile } from './hash-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'mig-hash-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const hash = (path: string, isLink = false, onPiece: (bytes: number) => undefined = () => undefined) =>
  hashFile(path, 'sha256', { isLink, onPiece });
const sha256sum = (path: string) => execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);

test.each([0, 1, 300_000])('of %d bytes is what sha256sum says, and each piece is told', async (size) => {
  writeFileSync(at('file'), 'content');
  truncateSync(at('file'), size);
  const pieces: number[] = [];
  expect(await hash(at('file'), false, (bytes) => void pieces.push(bytes))).toBe(sha256sum(at('file')));
  expect(pieces.reduce((sum, bytes) => sum + bytes, 0)).toBe(size);
});

test('what is told a piece may end the reading', async () => {
  writeFileSync(at('file'), 'content');
  const stop = () => {
    throw new Error('enough');
  };
  await expect(hash(at('file'), false, stop)).rejects.toThrow('enough');
});

test('a link is followed only where it is known to be one, and nothing but a regular file is read', async () => {
  writeFileSync(at('file'), 'content');
  symlinkSync(at('file'), at('link'));
  symlinkSync('/dev/zero', at('device'));
  execFileSync('mkfifo', [at('pipe')]);
  expect(await hash(at('link'), true)).toBe(sha256sum(at('file')));
  await expect(hash(at('link'))).rejects.toThrow('ELOOP');
  await expect(hash(at('device'), true)).rejects.toThrow('it is no regular file');
  await expect(hash(at('pipe'))).rejects.toThrow('it is no regular file');
  await expect(hash(at('gone'))).rejects.toThrow('ENOENT');
});

test('what root hashes keeps its access time, where cat changes it', async ({ skip }) => {
  const old = new Date('2001-02-03T04:05:06Z');
  for (const name of ['hashed', 'printed']) {
    writeFileSync(at(name), 'x');
    utimesSync(at(name), old, old);
  }
  execFileSync('cat', [at('printed')]);
  skip(process.geteuid?.() !== 0, 'only root may keep the times of everybody');
  skip(statSync(at('printed')).atimeMs === old.getTime(), 'access times are not kept by this file system');
  await hash(at('hashed'));
  expect(statSync(at('hashed')).atime).toEqual(old);
});
