/** What one change is told as. */
import { execFileSync } from 'node:child_process';
import { truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Elements } from './fswatch.ts';
import { truthOf } from './testing/truth.ts';
import { pause, rescanned, statisticsOf, useTree } from './testing/use-tree.ts';

const place = useTree();
const { shell, start, said } = place;

describe('a change', () => {
  const before =
    'echo one > file; echo two > other; mkdir -p dir/sub; echo in > dir/sub/in; ln -s file link; mkfifo pipe';
  test.each([
    ['a file is created', 'echo x > new', ['created new']],
    ['a file grows', 'echo more >> file', ['changed file size,mtime,sha256']],
    ['a file changes mode', 'chmod 4711 file', ['changed file mode']],
    ['a file changes owner', 'chown 1:2 file', ['changed file owner']],
    ['a file is touched', 'touch -d 2020-01-01 file', ['changed file mtime']],
    [
      'content changes, size and time do not',
      'cp -p file was; printf ONE > file; echo >> file; touch -r was file; rm was',
      ['changed file sha256'],
    ],
    ['a file is replaced by another', 'echo oneone > ../next && mv ../next file', ['changed file size,mtime,sha256']],
    ['a file is replaced by its equal', 'cp -p file ../next && mv ../next file', []],
    [
      'a file is replaced twice at once',
      'echo 1 > t; mv t file; echo 2 > t; mv t file',
      ['changed file size,mtime,sha256'],
    ],
    ['a file is renamed', 'mv file name', ['created name', 'removed file']],
    ['a file is removed', 'rm file', ['removed file']],
    ['a hard link is made', 'ln file hard', ['created hard']],
    [
      'a link is made, and one is turned',
      'ln -s nowhere l; ln -sfn other link',
      ['changed link size,mtime,target', 'created l'],
    ],
    [
      'the target of a link changes',
      'echo x > ../outside; ln -sf ../outside link; echo y >> ../outside',
      ['changed link size,mtime,target'],
    ],
    [
      'a file becomes a directory',
      'rm file; mkdir file; echo x > file/in',
      ['changed file type,size,mode,mtime', 'created file/in'],
    ],
    [
      'a directory becomes a file',
      'rm -r dir; echo x > dir',
      ['changed dir type,size,mode,mtime', 'removed dir/sub', 'removed dir/sub/in'],
    ],
    [
      'a directory comes with content',
      'mkdir -p a/b/c; echo 1 > a/1; echo 2 > a/b/c/2',
      ['created a', 'created a/1', 'created a/b', 'created a/b/c', 'created a/b/c/2'],
    ],
    [
      'a directory is renamed',
      'mv dir moved',
      [
        'created moved',
        'created moved/sub',
        'created moved/sub/in',
        'removed dir',
        'removed dir/sub',
        'removed dir/sub/in',
      ],
    ],
    [
      'a directory is removed and made again',
      'rm -r dir; mkdir -p dir/sub; echo ni > dir/sub/in; touch -r file dir/sub/in',
      ['changed dir/sub/in sha256'],
    ],
    ['a directory changes mode', 'chmod 700 dir', ['changed dir mode']],
    ['a pipe is there that nobody writes to', 'chmod 600 pipe; mkfifo second', ['changed pipe mode', 'created second']],
    ['a name is not UTF-8', `printf x > "$(printf 'a\\377b')"`, ['created a\\xffb']],
    ['a name holds a line end', `printf x > "$(printf 'a\\nb')"`, ['created a\nb']],
    ['files are read', 'cat file other dir/sub/in > /dev/null; ls -lR > /dev/null', []],
    ['a file comes and goes at once', 'echo x > new; rm new', []],
  ])('%s: %s', async (_, script, expected) => {
    shell(`${before}; touch -d 2024-05-05T05:05:05.123456 file other dir/sub/in`);
    const instance = await start({ rescan: '150ms' });
    shell(script);
    await instance.until(() => instance.alerts.length >= expected.length);
    await rescanned(instance);
    expect(said(instance)).toEqual([...expected].sort());
    await instance.stop();
  });

  test('is told with what was and what is', async () => {
    shell('printf one > file; chmod 600 file; touch -d 2024-05-05T05:05:05Z file; chown 3:4 file');
    const instance = await start();
    shell('printf three > file; chmod 4755 file; touch -d 2025-05-05T05:05:05Z file');
    await instance.until(() => instance.alerts.length === 1);
    const sha = (text: string) => execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64);
    const path = join(place.path, 'file');
    expect(instance.alerts[0]).toEqual({
      message: `file changed: ${path}`,
      fields: {
        path,
        change: 'changed',
        type: 'file',
        what: ['size', 'mode', 'mtime', 'sha256'],
        old: { size: 3, mode: '-rw-------', mtime: '2024-05-05T05:05:05.000Z', sha256: sha('one') },
        new: { size: 5, mode: 'urwxr-xr-x', mtime: '2025-05-05T05:05:05.000Z', sha256: sha('three') },
      },
    });
    const known = (await instance.ask({ path })).elements as Elements;
    expect(known.changes).toMatchObject([{ change: 'changed', type: 'file', path }]);
    expect(known.files).toEqual([
      {
        path,
        type: 'file',
        size: 5,
        mode: 'urwxr-xr-x',
        owner: '3:4',
        mtime: '2025-05-05T05:05:05.000Z',
        sha256: sha('three'),
      },
    ]);
    expect(((await instance.ask({ path: `${path}x` })).elements as Elements).changes).toEqual([]);
    await instance.stop();
  });

  test('that comes right after the hash is not missed, though the time of the file tells nothing', async () => {
    writeFileSync(join(place.path, 'file'), 'aaaa');
    const instance = await start({ settle: '10ms' });
    const time = new Date('2024-01-01');
    for (let i = 0; i < 40; i++) {
      writeFileSync(join(place.path, 'file'), `${1000 + i}`);
      utimesSync(join(place.path, 'file'), time, time);
      await pause();
    }
    await instance.until(() => {
      const last = instance.alerts.at(-1)?.fields as { new?: { sha256?: string } } | undefined;
      return last?.new?.sha256 === truthOf(place.path).get(join(place.path, 'file'))!['sha256'];
    });
    await instance.stop();
  });

  test('of a large file is told with its hash, and holds up no other', async () => {
    writeFileSync(join(place.path, 'large'), 'x');
    const instance = await start({ hashrate: 40 });
    truncateSync(join(place.path, 'large'), 20 * 1024 * 1024);
    await pause();
    writeFileSync(join(place.path, 'small'), 'x');
    await instance.until(() => instance.alerts.length === 2);
    expect(said(instance)).toEqual(['changed large size,mtime,sha256', 'created small']);
    expect(instance.alerts[0]!.fields['path']).toBe(join(place.path, 'small'));
    const { sha256 } = instance.alerts[1]!.fields['new'] as { sha256: string };
    expect(sha256).toBe(truthOf(place.path).get(join(place.path, 'large'))!['sha256']);
    await instance.stop();
  });

  test('of a large file is told with its hash, also where it changed once more while it was hashed', async () => {
    writeFileSync(join(place.path, 'large'), 'x');
    const instance = await start({ hashrate: 40, rescan: '24h', poll: '24h' });
    truncateSync(join(place.path, 'large'), 12 * 1024 * 1024);
    while ((await statisticsOf(instance)).hashedbytes < 1_000_000) await pause();
    truncateSync(join(place.path, 'large'), 6 * 1024 * 1024);
    await instance.until(() => instance.alerts.length === 1);
    expect(said(instance)).toEqual(['changed large size,mtime,sha256']);
    await instance.stop();
  });

  test('of a large file is told by events alone, also where its name is not UTF-8', async () => {
    shell(`truncate -s 5M known "$(printf 'k\\377')"`);
    const instance = await start({ rescan: '24h', poll: '24h' });
    shell(`truncate -s 6M known "$(printf 'k\\377')" ../1 ../2; mv ../1 new; mv ../2 "$(printf 'n\\377')"`);
    await instance.until(() => instance.alerts.length === 4);
    expect(said(instance)).toEqual([
      'changed k\\xff size,mtime,sha256',
      'changed known size,mtime,sha256',
      'created n\\xff',
      'created new',
    ]);
    expect((await instance.ask({})).errors).toBe(null);
    await instance.stop();
  });

  test('of a large file is told with its hash, also where one of its name was removed while it was hashed', async () => {
    const instance = await start({ hashrate: 40, rescan: '24h', poll: '24h' });
    const put = (size: string) => shell(`truncate -s ${size} ../1 ../2; mkdir dir; mv ../1 large; mv ../2 dir/large`);
    put('12M');
    while ((await statisticsOf(instance)).hashedbytes === 0) await pause();
    shell('rm -r large dir; echo x > between');
    await instance.until(() => said(instance).includes('created between'));
    await instance.until(() => said(instance).includes('removed dir'));
    put('5M');
    const toldOfLarge = () => instance.alerts.filter(({ fields }) => String(fields['path']).endsWith('large'));
    await instance.until(() => toldOfLarge().length === 2);
    const truth = truthOf(place.path);
    for (const { fields } of toldOfLarge()) {
      const { sha256 } = truth.get(String(fields['path']))!;
      expect(fields['new']).toMatchObject({ sha256 });
    }
    await instance.stop();
  });
});
