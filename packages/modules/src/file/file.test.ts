import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { enhancePrivacy, printResults, type Result } from '@mig/module';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Elements, file } from './file.ts';
import { modeString } from './mode-string.ts';
import { parseMountinfo } from './mounts.ts';
import { parseAge, parseSizeFilter } from './quantities.ts';
import { showPath } from './raw-path.ts';

describeContract(file);

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-file-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (...names: string[]) => join(root, ...names);
const names = (result: Result, label = 's1') =>
  (result.elements as Elements)[label]!.map(({ file: path }) => path.replace(`${root}/`, ''));
const search = (one: object, options: object = {}) =>
  run(file, { searches: { s1: { paths: [root], ...one, options: { matchall: true, ...options } } } });

describe('the walk', () => {
  test('goes down to maxdepth, as find does', async () => {
    mkdirSync(at('a/b/c'), { recursive: true });
    for (const name of ['f0', 'a/f1', 'a/b/f2', 'a/b/c/f3']) writeFileSync(at(name), '');
    for (const depth of [1, 2, 3, 4, 0]) {
      const found = execFileSync('find', [root, ...(depth > 0 ? ['-maxdepth', String(depth)] : []), '-type', 'f'], {
        encoding: 'utf8',
      });
      expect(names(await search({}, { maxdepth: depth }))).toEqual(
        found.trim().replaceAll(`${root}/`, '').split('\n').sort(),
      );
    }
  });

  test('looks at each path once, whatever the searches and however their roots overlap', async () => {
    mkdirSync(at('a/b'), { recursive: true });
    for (const name of ['a/one', 'a/b/two']) writeFileSync(at(name), 'x');
    const result = await run(file, {
      searches: {
        outer: { paths: [root, at('a'), at('a/b'), at('a/b/two'), `${at('a')}/`] },
        inner: { paths: [at('a/b')] },
        shallow: { paths: [root], options: { maxdepth: 2 } },
      },
    });
    expect([names(result, 'outer'), names(result, 'inner'), names(result, 'shallow')]).toEqual([
      ['a/b/two', 'a/one'],
      ['a/b/two'],
      ['a/one'],
    ]);
    expect(result.statistics).toMatchObject({ filescount: 2, totalhits: 4 });
  });

  test.each([
    ['few', 3],
    ['more than one thread does', 400],
  ])('judges links to files of their own directory as grep does behind them: %s', async (_, count) => {
    mkdirSync(at('other'));
    for (let i = 0; i < count; i++) {
      writeFileSync(at(`a${i}`), i % 3 === 0 ? 'needle\n' : 'hay\n');
      symlinkSync(`a${i}`, at(`link${i}`));
      symlinkSync(`link${i}`, at(`chain${i}`));
      symlinkSync(`../a${i}`, at(`other/link${i}`));
    }
    symlinkSync('a0', at('z'));
    const files = ['find', root, '-xtype', 'f'] as const;
    const holding = (...flags: string[]) =>
      execFileSync('sh', ['-c', '"$@" | xargs -r grep -l $0 needle || true', flags.join(' '), ...files], {
        encoding: 'utf8',
      })
        .trim()
        .replaceAll(`${root}/`, '')
        .split('\n')
        .sort();
    const found = await search({ contents: ['needle'] });
    expect(names(found)).toEqual(holding());
    expect(found.statistics).toMatchObject({ filescount: 4 * count + 1, openfailed: 0 });
    expect(names(await search({ contents: ['!needle'] }))).toEqual(holding('-L'));
    expect(names(await search({ contents: ['needle'], names: ['^link'] }))).toEqual(
      holding().filter((path) => /(^|\/)link/.test(path)),
    );
  });

  test('sees links to files under their own path, and does not enter directories behind links, but for a path that is one', async () => {
    mkdirSync(at('real'));
    writeFileSync(at('real/target'), 'needle\n');
    symlinkSync(at('real/target'), at('link'));
    symlinkSync(at('real'), at('dirlink'));
    symlinkSync('loop', at('loop'));
    symlinkSync('gone', at('dangling'));
    symlinkSync(root, at('real/up'));
    linkSync(at('real/target'), at('hard'));
    expect(names(await search({ contents: ['needle'] }))).toEqual(['hard', 'link', 'real/target']);
    expect(names(await search({ modes: ['^L'] }))).toEqual(['dangling', 'dirlink', 'link', 'loop', 'real/up']);
    expect(names(await run(file, { searches: { s1: { paths: [at('dirlink')] } } }))).toEqual(['dirlink/target']);
  });

  test('does not open special files, and finds them by mode', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    expect(names(await search({ contents: ['x'] }))).toEqual([]);
    expect(names(await search({ modes: ['^p'] }))).toEqual(['fifo']);
    const named = await run(file, { searches: { s1: { paths: [at('fifo')], contents: ['x'] } } });
    expect([named.success, names(named)]).toEqual([true, []]);
  });

  test('searches a pseudo file system that is named, and says which mounts below a path it left out', async () => {
    const proc = await run(file, {
      searches: {
        s1: {
          paths: ['/proc/self'],
          names: ['^status$'],
          contents: ['^Name:'],
          options: { matchall: true, maxdepth: 1 },
        },
      },
    });
    expect((proc.elements as Elements)['s1']!.map(({ file: path }) => path)).toEqual(['/proc/self/status']);
    const above = await run(file, {
      searches: { s1: { paths: ['/'], names: ['^no such name$'], options: { maxdepth: 2 } } },
    });
    expect(above.errors).toContain('/proc: mount of type proc was not entered: name it as a path, or use remotefs');
  });

  test('reports a path that is not there', async () => {
    const result = await run(file, { searches: { s1: { paths: [at('gone')] } } });
    expect(result.errors).toEqual([`${at('gone')}: ENOENT: no such file or directory`]);
    expect(result.statistics).toMatchObject({ openfailed: 1 });
  });

  test('gives names as they are: newlines, and bytes that are not UTF-8', async () => {
    writeFileSync(at('new\nline'), 'x');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xff]), Buffer.from('d')]), 'needle');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xfe]), Buffer.from('d')]), 'hay');
    writeFileSync(at('\ufffd'), 'needle');
    expect(names(await search({}))).toEqual(['b\\xfed', 'b\\xffd', 'new\nline', '\ufffd']);
    expect(names(await search({ contents: ['needle'] }))).toEqual(['b\\xffd', '\ufffd']);
    const hashed = await search({ contents: ['needle'] }, { returnsha256: true });
    const sha256 = createHash('sha256').update('needle').digest('hex');
    expect((hashed.elements as Elements)['s1']!.map((hit) => hit.sha256)).toEqual([sha256, sha256]);
  });
});

describe('the answer', () => {
  test('holds the search that matched, and what stat says', async () => {
    writeFileSync(at('passwd'), 'root:x\n', { mode: 0o640 });
    utimesSync(at('passwd'), 1_741_008_812.75, 1_741_008_812.75);
    const result = await runFlags(file, ['-path', root, '-name', '^passwd$', '-content', '^root']);
    const options = {
      maxdepth: 1000,
      matchall: true,
      macroal: false,
      mismatch: [],
      matchlimit: 1000,
      maxerrors: 30,
      returnsha256: false,
      decompress: false,
      remotefs: false,
    };
    expect(result.elements).toEqual({
      s1: [
        {
          file: at('passwd'),
          search: { paths: [root], names: ['^passwd$'], contents: ['^root'], options },
          fileinfo: { size: 7, mode: '-rw-r-----', lastmodified: '2025-03-03T13:33:32Z' },
        },
      ],
    });
    expect(printResults(file, result, true)).toEqual([
      `${at('passwd')} [lastmodified:2025-03-03T13:33:32Z, mode:-rw-r-----, size:7] in search 's1'`,
    ]);
  });

  test('has an empty list for a label without matches', async () => {
    const result = await search({ names: ['^absent$'] });
    expect([result.foundanything, result.elements]).toEqual([false, { s1: [] }]);
  });

  test('returns the first matches by path when there are more than matchlimit, and says how many there are', async () => {
    for (const name of ['c', 'a', 'b']) writeFileSync(at(name), '');
    const result = await search({}, { matchlimit: 2 });
    expect(names(result)).toEqual(['a', 'b']);
    expect(result.errors).toEqual([
      "search 's1': 3 matches, more than its matchlimit: the first 2 by path are returned",
    ]);
    expect(result.statistics).toMatchObject({ totalhits: 3 });
  });

  test('returns at most maxerrors errors, and says how many were left out', async () => {
    const paths = [1, 2, 3, 4, 5].map((i) => at(`gone${i}`));
    const result = await run(file, { searches: { s1: { paths, options: { maxerrors: 2 } } } });
    expect(result.errors).toHaveLength(3);
    expect(result.errors![2]).toBe('3 more errors were left out: maxerrors is 2');
  });

  test('is the same twice on an unchanged system, times apart', async () => {
    for (const name of ['x', 'y', 'z']) writeFileSync(at(name), name);
    const [one, two] = [await search({ sizes: ['<10'] }), await search({ sizes: ['<10'] })];
    expect(JSON.stringify(one.elements)).toBe(JSON.stringify(two.elements));
  });

  test('gives the SHA256 that sha256sum gives, when asked', async () => {
    writeFileSync(at('f'), Buffer.alloc(300_000, 'x'));
    const result = await search({}, { returnsha256: true });
    const sum = execFileSync('sha256sum', [at('f')], { encoding: 'utf8' }).split(' ')[0];
    expect((result.elements as Elements)['s1']![0]!.sha256).toBe(sum);
  });

  test('masks names, sizes, modes and times in privacy mode, and keeps the counts', async () => {
    for (const name of ['secret1', 'secret2']) writeFileSync(at(name), 'x');
    const { elements } = enhancePrivacy(file, await search({}));
    expect((elements as Elements)['s1']).toHaveLength(2);
    expect((elements as Elements)['s1']![0]).toMatchObject({ file: 'masked', fileinfo: {} });
    expect(JSON.stringify(elements)).not.toMatch(/secret|mig-file-/);
  });
});

describe('contents', () => {
  test('are searched inside gzip files when asked, the whole of files with several members', async () => {
    writeFileSync(at('a.gz'), Buffer.concat([gzipSync('hay\n'), gzipSync('needle\n')]));
    writeFileSync(at('plain'), 'needle\n');
    const sum = createHash('md5').update('hay\nneedle\n').digest('hex');
    expect(names(await search({ contents: ['^needle$'] }))).toEqual(['plain']);
    expect(names(await search({ contents: ['^needle$'] }, { decompress: true }))).toEqual(['a.gz', 'plain']);
    expect(names(await search({ md5: [sum] }, { decompress: true }))).toEqual(['a.gz']);
  });

  test('of a broken archive are a soft error', async () => {
    writeFileSync(at('bad.gz'), gzipSync(Buffer.alloc(100_000, 'hay\n')).subarray(0, 100));
    const result = await search({ contents: ['needle'] }, { decompress: true });
    expect([result.success, names(result), result.errors?.length]).toEqual([true, [], 1]);
    expect(result.errors![0]).toMatch(/bad\.gz: unexpected end of file/);
  });

  test('of a file that grows while it is read are a soft error, and the walk goes on', async () => {
    const atFirst = 160_000_000;
    writeFileSync(at('log'), Buffer.alloc(atFirst, 'hay\n'));
    writeFileSync(at('still'), 'needle\n');
    const writer = spawn('sh', ['-c', 'while :; do echo more >> "$1"; done', 'sh', at('log')], { stdio: 'ignore' });
    await expect.poll(() => statSync(at('log')).size).toBeGreaterThan(atFirst);
    const result = await search({ contents: ['needle'] });
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    writer.kill('SIGKILL');
    await ended;
    expect(names(result)).toEqual(['still']);
    expect(result.errors).toEqual([`${at('log')}: it changed while it was read, and was not judged`]);
  });
});

describe('parameters', () => {
  test.each<[object, string]>([
    [{ paths: [] }, "parameter 'searches.s1.paths': expected at least 1 of them, got []"],
    [
      { paths: ['/'], sizes: ['10x'] },
      "parameter 'searches.s1.sizes[0]': expected a size such as '<10m', '>500' or '4k', got '10x'",
    ],
    [
      { paths: ['/'], mtimes: ['90d'] },
      "parameter 'searches.s1.mtimes[0]': expected an age such as '<90d' or '>5h', got '90d'",
    ],
    [
      { paths: ['/'], names: ['('] },
      "parameter 'searches.s1.names[0]': expected a regular expression in RE2 syntax: the group is not closed: expected ) at position 0, got '('",
    ],
    [
      { paths: ['/'], contents: ['!(?=x)'] },
      /^parameter 'searches\.s1\.contents\[0\]': expected a regular expression in RE2 syntax: look-around/ as unknown as string,
    ],
    [
      { paths: ['/'], md5: ['abc'] },
      "parameter 'searches.s1.md5[0]': expected a MD5 of 32 hexadecimal digits, got 'abc'",
    ],
    [
      { paths: ['/'], sha2: ['x'.repeat(64)] },
      /^parameter 'searches\.s1\.sha2\[0\]': expected a SHA2 in hexadecimal/ as unknown as string,
    ],
    [
      { paths: ['/'], options: { maxdepth: -1 } },
      "parameter 'searches.s1.options.maxdepth': expected at least 0, got -1",
    ],
    [
      { paths: ['/'], options: { mismatch: ['names'] } },
      /^parameter 'searches\.s1\.options\.mismatch\[0\]': expected one of 'name'/ as unknown as string,
    ],
    [{ paths: ['/'], name: ['x'] }, "parameter 'searches.s1': unknown key 'name', expected only the documented ones"],
    [
      { paths: ['/'], md5: ['0'.repeat(32), '1'.repeat(32)], options: { matchall: true } },
      /expected one md5 of a length with matchall, got 2: use matchany/ as unknown as string,
    ],
  ])('%j is refused', async (one, message) => {
    const result = await run(file, { searches: { s1: one } });
    if (typeof message === 'string') expect(result.errors).toEqual([message]);
    else expect(result.errors![0]).toMatch(message);
  });

  test.each<[string, number, number]>([
    ['<10m', 0, 10_485_760],
    ['>500', 500, Infinity],
    ['4k', 4096, 4096],
    ['1G', 2 ** 30, 2 ** 30],
    ['0', 0, 0],
  ])('size %s is from %d to %d', (text, low, high) => expect(parseSizeFilter(text)).toEqual({ low, high }));

  test('ages are in days, hours and minutes', () => {
    expect(parseAge('<2d')).toEqual({ low: -Infinity, high: 172_800_000 });
    expect(parseAge('>5m')).toEqual({ low: 300_000, high: Infinity });
    for (const text of ['', '5h', '<5', '<5s', '<-5h']) expect(parseAge(text)).toBeUndefined();
  });
});

test.each([
  [0o100644, '-rw-r--r--'],
  [0o104755, 'urwxr-xr-x'],
  [0o102755, 'grwxr-xr-x'],
  [0o040755, 'drwxr-xr-x'],
  [0o041777, 'dtrwxrwxrwx'],
  [0o120777, 'Lrwxrwxrwx'],
  [0o010600, 'prw-------'],
  [0o020666, 'Dcrw-rw-rw-'],
  [0o060660, 'Drw-rw----'],
  [0o140755, 'Srwxr-xr-x'],
])('mode %o is written %s, as Go writes it', (mode, text) => expect(modeString(mode)).toBe(text));

test('mountinfo is read with its escapes and optional fields', () => {
  const text =
    '36 35 98:0 /mnt1 /mnt\\040two rw,noatime master:1 shared:2 - ext3 /dev/root rw\n40 35 0:5 / /proc rw - proc proc rw\nbroken\n';
  expect(parseMountinfo(text)).toEqual([
    { path: '/mnt two', type: 'ext3' },
    { path: '/proc', type: 'proc' },
  ]);
});

test('a path of bytes is shown so that no two look alike', () => {
  expect(showPath(Buffer.from([0x2f, 0xc3, 0xa9, 0xc3, 0x5c, 0x78]))).toBe('/é\\xc3\\x5cx');
});
