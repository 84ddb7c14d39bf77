import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from './processes.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-local-'));
  writeFileSync(join(folder, 'haystack.txt'), 'hay\nneedle\nhay\n');
  writeFileSync(join(folder, 'other.txt'), 'hay\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('mig <module> -t local', () => {
  test('prints what grep finds, one line a file, and exits with 0', async () => {
    const { stdout, stderr, status } = await run('mig', [
      'file',
      '-t',
      'local',
      '-path',
      folder,
      '-content',
      '^needle$',
    ]);
    const found = execFileSync('grep', ['-rlE', '^needle$', folder], { encoding: 'utf8' }).trim().split('\n');
    expect(stdout.trim().split('\n')).toHaveLength(found.length);
    expect(stdout).toMatch(
      new RegExp(`^${hostname()} ${found[0]} \\[lastmodified:\\S+Z, mode:-rw-r--r--, size:15\\] in search 's1'\n$`),
    );
    expect(stderr).toBe('1 agent asked, 1 succeeded: found\n');
    expect(status).toBe(0);
  });

  test('exits with 0 too when nothing is found', async () => {
    const { stdout, stderr, status } = await run('mig', ['file', '-t', 'local', '-path', folder, '-name', 'absent']);
    expect([stdout, stderr, status]).toEqual(['', '1 agent asked, 1 succeeded: found nothing\n', 0]);
  });

  test('-show all adds statistics; -show notfound is silent about what was found', async () => {
    const all = await run('mig', ['file', '-t', 'local', '-show', 'all', '-path', folder, '-name', '^haystack']);
    expect(all.stdout).toMatch(/stat: /);
    const notfound = await run('mig', [
      'file',
      '-t',
      'local',
      '-show',
      'notfound',
      '-path',
      folder,
      '-name',
      '^haystack',
    ]);
    expect(notfound.stdout).toBe('');
  });

  test('soft errors that are not among the answers are told below them', async () => {
    const gone = join(folder, 'gone');
    const { stderr, status } = await run('mig', ['file', '-t', 'local', '-path', gone, '-name', 'x']);
    const told = `1 agent could not look at everything:\n  ${gone}: ENOENT: no such file or directory\n`;
    expect(stderr).toBe(`${told}1 agent asked, 1 succeeded: found nothing\n`);
    expect(status).toBe(0);
  });

  test('wrong use is one sentence and exit status 2', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['fil', '-t', 'local'], /'fil' is neither a module nor a command: did you mean file\?/],
      [['file', '-path', '/etc'], /expected -t local/],
      [['file', '-t', 'local', '-path', '/etc', '-nam', 'x'], /module file has no flag -nam: did you mean -name\?/],
      [['file', '-t', 'local', '-name', 'x'], /flag -path: expected <path>, got nothing/],
      [['file', '-t', 'local', '-path', '/etc', '-name', '('], /expected a regular expression/],
      [['file', '-t', 'local', '-show', 'some', '-path', '/etc'], /-show: expected found, notfound or all, got 'some'/],
      // Also where no platform is configured.
      [['agents', '--bogus'], /agents has no option -bogus: expected one of -t, -status, -name, -json/],
      [['agents', '-json=yes'], /agents: -json: expected no value, got 'yes'/],
      [['agents', '-t', 'online', '-t', 'idle'], /agents: -t: expected it once, got it twice/],
      [['results', '-show'], /results: -show: expected a value after it, got nothing/],
    ];
    for (const [words, expected] of cases) {
      const { status, stdout, stderr } = await run('mig', words);
      expect([words, status, stdout]).toEqual([words, 2, '']);
      expect(stderr).toMatch(expected);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});

describe('mig modules', () => {
  test('-json-schema prints a JSON Schema of every module’s parameters', async () => {
    const { stdout } = await run('mig', ['modules', '--json-schema']);
    const modules = JSON.parse(stdout) as { name: string; parameters: { type: string } }[];
    const listed = (await run('mig', ['modules'])).stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(modules.map(({ name }) => name)).toEqual(listed);
    for (const { parameters } of modules) expect(parameters.type).toBe('object');
  });

  test('mig help NAME is the help of a module or a command, and refuses others', async () => {
    for (const name of ['netstat', 'results', 'audit']) {
      expect((await run('mig', ['help', name])).stdout).toBe((await run('mig', [name, 'help'])).stdout);
    }
    const { stderr, status } = await run('mig', ['help', 'netsta']);
    expect([status, stderr]).toEqual([2, expect.stringContaining("expected a module or a command, got 'netsta'")]);
  });

  test('help of every module names its flags', async () => {
    const { stdout } = await run('mig', ['file', 'help']);
    const flags =
      '-path -name -size -mode -mtime -content -md5 -sha1 -sha2 -sha3 -maxdepth -matchall -matchany -macroal -mismatch -matchlimit -maxerrors -returnsha256 -decompress -remotefs';
    for (const flag of flags.split(' ')) expect(stdout).toMatch(new RegExp(`^ {2}${flag}\\b`, 'm'));
  });
});
