import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { printResults } from '@mig/module';
import { describeContract, run } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { defaultPaths } from './default-paths.ts';
import { sshkey } from './sshkey.ts';

describeContract(sshkey);

describe('sshkey', () => {
  test('refuses wrong parameters by name, value and expectation', async () => {
    const refusals: readonly (readonly [object, RegExp])[] = [
      [{ paths: [''] }, /^parameter 'paths\[0\]': expected at least 1 characters, got ''/],
      [{ paths: ['a\0b'] }, /expected text without NUL/],
      [{ maxdepth: -1 }, /^parameter 'maxdepth': expected at least 0, got -1/],
      [{ maxdepth: 1001 }, /expected at most 1000, got 1001/],
    ];
    for (const [parameters, expected] of refusals) {
      const result = await run(sshkey, parameters);
      expect(result.errors![0]).toMatch(expected);
    }
  });

  test('prints a line for each key, and says unknown where there is no fingerprint', () => {
    const key = { fingerprint_md5: '00:11', fingerprint_sha256: 'SHA256:ab', path: '/r/k', encrypted: false };
    const keys = [
      { ...key, type: 'public' },
      { ...key, type: 'private', fingerprint_md5: '', fingerprint_sha256: '', encrypted: true },
    ];
    const statistics = { filescount: 2, totalhits: 2, exectime: '1ms' };
    const result = { foundanything: true, success: true, elements: { keys }, statistics, errors: null };
    expect(printResults(sshkey, result)).toEqual([
      '/r/k [public] md5fp=00:11 sha256fp=SHA256:ab',
      '/r/k [private] encrypted=true md5fp=unknown sha256fp=unknown',
      'stat: 2 files were read for keys, 2 keys were found, in 1ms',
    ]);
  });

  test('masks paths in privacy mode', () => {
    const key = {
      fingerprint_md5: '',
      fingerprint_sha256: '',
      path: '/home/x/.ssh/id',
      encrypted: true,
      type: 'private' as const,
    };
    expect(sshkey.enhancePrivacy!({ keys: [key] })).toEqual({ keys: [{ ...key, path: 'masked' }] });
  });

  test('without a path, searches the home directories that there are, and the .ssh of accounts that live elsewhere', () => {
    const paths = defaultPaths('linux');
    const places = [
      '/root',
      '/home',
      ...execFileSync('cut', ['-d:', '-f6', '/etc/passwd'], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((home) => `${home}/.ssh`),
    ];
    const expected = places.filter((path) => existsSync(path)).map((path) => path.replace('//', '/'));
    expect(new Set(paths)).toEqual(new Set(expected));
    expect(defaultPaths('win32').every((path) => !path.startsWith('/home'))).toBe(true);
  });
});
