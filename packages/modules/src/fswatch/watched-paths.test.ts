/** What is watched: of the configured paths, where they are not there, cannot be read, or the system gives no more watches. */
import { join } from 'node:path';
import type { Result } from '@mig/module';
import { type Confined, startConfined } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import type { Elements, Statistics } from './fswatch.ts';
import { pause, rescanned, useTree } from './testing/use-tree.ts';

const place = useTree();
const { shell, start, said } = place;
const script = join(import.meta.dirname, 'testing/instance-main.ts');
const toldBy = ({ alerts }: Confined) => alerts.map(({ fields }) => `${fields['change']} ${fields['path']}`);

describe('what is watched', () => {
  test('of a directory without recursive: is what lies in it, of a file the file', async () => {
    shell(
      'mkdir -p flat/deep single; echo x > flat/file; echo x > flat/deep/file; echo x > single/this; echo x > single/not',
    );
    const paths = [join(place.path, 'flat'), join(place.path, 'single/this')];
    const instance = await start({ paths, rescan: '150ms' });
    shell(
      'for f in flat/file flat/deep/file single/this single/not; do echo y >> $f; done; mkdir flat/new; echo x > flat/new/in',
    );
    await instance.until(() => instance.alerts.length >= 3);
    await rescanned(instance);
    expect(said(instance)).toEqual([
      'changed flat/file size,mtime,sha256',
      'changed single/this size,mtime,sha256',
      'created flat/new',
    ]);
    await instance.stop();
  });

  test('of a link is the link, and the answer says so; a limit that cuts what was asked for says so too', async () => {
    shell('mkdir real; ln -s real link');
    const instance = await start({ paths: [join(place.path, 'link'), join(place.path, 'real')] });
    shell('for i in 1 2 3; do echo x > real/$i; done');
    await instance.until(() => instance.alerts.length === 3);
    const path = join(place.path, 'real');
    expect((await instance.ask({ path, limit: 4 })).errors).toEqual([
      `${place.path}/link is a link to real: the link is watched, and what is there only by its own path`,
    ]);
    const { elements, errors } = await instance.ask({ path, limit: 2 });
    expect((elements as Elements).changes).toHaveLength(2);
    expect(errors).toContain(`3 changes are kept at ${path} and below, the last 2 are returned: raise limit`);
    await instance.stop();
  });

  test('can be left out in part', async () => {
    shell('mkdir -p out/in keep');
    const instance = await start({ exclude: [join(place.path, 'out')], rescan: '150ms' });
    shell('echo x > out/in/file; echo x > keep/file; chmod 700 out; echo x > outside');
    await instance.until(() => instance.alerts.length >= 2);
    await rescanned(instance);
    expect(said(instance)).toEqual(['created keep/file', 'created outside']);
    await instance.stop();
  });

  test('may not be there yet, may go and come back, parents and all', async () => {
    const paths = [`recursive:${join(place.path, 'a/b/root')}`, join(place.path, 'a/b/file')];
    const instance = await start({ paths, poll: '100ms' });
    const absent = async () =>
      ((await instance.ask({})).errors ?? []).filter((text) => text.includes('does not exist'));
    expect(await absent()).toEqual(
      [paths[1]!, join(place.path, 'a/b/root')].map((path) => `${path} does not exist; it is watched for`),
    );
    const make = 'mkdir -p a/b/root/sub; echo 1 > a/b/root/sub/1; echo f > a/b/file';
    const all = ['a/b/file', 'a/b/root', 'a/b/root/sub', 'a/b/root/sub/1'];
    for (const round of [1, 2, 3]) {
      shell(make);
      await instance.until(() => instance.alerts.length >= (2 * round - 1) * 4);
      expect(await absent()).toEqual([]);
      shell(round === 2 ? 'mv a ../gone; rm -r ../gone' : 'rm -r a');
      await instance.until(() => instance.alerts.length >= 2 * round * 4);
      expect((await absent()).length).toBe(2);
    }
    const each = all.flatMap((path) => Array.from({ length: 3 }, () => [`created ${path}`, `removed ${path}`]).flat());
    expect(said(instance)).toEqual(each.sort());
    await instance.stop();
  });

  test('is watched again where a directory was made anew, by events alone', async () => {
    shell('mkdir -p dir/sub; echo x > dir/sub/file');
    const instance = await start({ rescan: '24h', poll: '24h' });
    for (const round of [1, 2, 3]) {
      shell('rm -r dir; mkdir -p dir/sub; echo x > dir/sub/file; touch -d 2024-01-01 dir/sub/file');
      while (instance.alerts.length < 2 * round - 1) await pause();
      shell(`echo ${round} >> dir/sub/file`);
      await instance.until(() => instance.alerts.length === 2 * round);
    }
    await instance.stop();
  });

  test('and cannot be read is told, and not taken for removed', async () => {
    shell('chmod 755 . ..; mkdir closed; echo x > closed/in; echo x > file; echo x > unreadable; chmod 600 unreadable');
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const instance = startConfined(nobody, script, {
      paths: [`recursive:${place.path}`],
      settle: '20ms',
      rescan: '100ms',
    });
    const asked = async (isThere: (errors: readonly string[], rescans: number) => boolean) => {
      for (;;) {
        const { result } = await instance.ask();
        if (isThere(result.errors ?? [], (result.statistics as Statistics).rescans)) return result;
        await pause();
      }
    };
    await asked((errors) => errors.includes(`${place.path}/unreadable: EACCES`));
    shell('chmod 700 closed');
    const { statistics } = await asked((errors) => errors.includes(`${place.path}/closed: EACCES`));
    await asked((_, rescans) => rescans > (statistics as Statistics).rescans + 3);
    shell('chmod 755 closed');
    await asked((errors) => !errors.includes(`${place.path}/closed: EACCES`));
    shell('rm closed/in');
    while (instance.alerts.length < 3) await pause();
    expect(toldBy(instance)).toEqual([
      `changed ${place.path}/closed`,
      `changed ${place.path}/closed`,
      `removed ${place.path}/closed/in`,
    ]);
    await instance.stop();
  });

  test('and cannot be read is counted to the last one, and named up to a hundred, also between comparisons', async () => {
    shell('chmod 755 . ..; for i in $(seq 150); do echo x > $i; chmod 600 $i; done');
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const instance = startConfined(nobody, script, {
      paths: [`recursive:${place.path}`],
      settle: '20ms',
      rescan: '100ms',
    });
    const asked = async () => (await instance.ask()).result;
    const countOf = (result: Result) => (result.statistics as Statistics).unreadable;
    const rescansOf = (result: Result) => (result.statistics as Statistics).rescans;
    while (countOf(await asked()) < 150) await pause();
    for (let result = await asked(); rescansOf(result) < 5; result = await asked()) {
      expect(countOf(result)).toBe(150);
      expect(result.errors).toHaveLength(101);
      expect(result.errors!.at(-1)).toBe('50 more could not be read');
    }
    shell('chmod 644 *');
    while (countOf(await asked()) > 0) await pause();
    expect((await asked()).errors).toBe(null);
    await instance.stop();
  });

  test.each([
    ['max_inotify_watches', 5, /gives no more watches: user.max_inotify_watches is 5, raise it with sysctl -w user/],
    ['max_inotify_instances', 0, /no more watch instances: user.max_inotify_instances is 0, raise it with sysctl/],
  ])('beyond %s of the system is told, and scanned instead', async (limit, value, reason) => {
    shell('for i in $(seq 20); do mkdir $i; echo x > $i/file; done');
    const confined = ['unshare', '-Ur', 'sh', '-c', `echo ${value} > /proc/sys/user/${limit}; exec "$@"`, 'sh'];
    const paths = [`recursive:${place.path}`];
    const instance = startConfined(confined, script, { paths, settle: '20ms', rescan: '24h', poll: '100ms' });
    const { result, logs } = await instance.ask();
    expect(result.success).toBe(true);
    expect((result.elements as Elements).ok).toBe(false);
    expect(result.errors).toEqual([expect.stringMatching(reason)]);
    expect(result.errors![0]).toMatch(new RegExp(`^${22 - value} directories are only scanned every 100ms`));
    expect(logs.filter((line) => reason.test(line))).toHaveLength(1);
    // A directory that arrives whole: made in its place, a scan in between would tell of its file as created and as changed.
    shell('for i in $(seq 20); do echo y >> $i/file; mkdir ../new; echo x > ../new/in; mv ../new $i/new; done');
    while (instance.alerts.length < 60) await pause();
    const expected = Array.from({ length: 20 }, (_, i) => [
      `changed ${place.path}/${i + 1}/file`,
      `created ${place.path}/${i + 1}/new`,
      `created ${place.path}/${i + 1}/new/in`,
    ]);
    expect(toldBy(instance).sort()).toEqual(expected.flat().sort());
    await instance.stop();
  });
});
