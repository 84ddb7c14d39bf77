import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enhancePrivacy, maskAlert, printResults } from '@mig/module';
import { describeContract, startInstance, type TestedInstance } from '@mig/module/testing';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Elements, fswatch, type Statistics } from './fswatch.ts';
import { startConfined } from './testing/confined.ts';
import { replay, truthOf } from './testing/truth.ts';

describeContract(fswatch);

const folder = mkdtempSync(join(tmpdir(), 'mig-fswatch-'));
afterAll(() => rmSync(folder, { recursive: true }));
let tree = '';
let count = 0;
beforeEach(() => {
  tree = join(folder, `tree-${count++}`);
  mkdirSync(tree);
});

const shell = (script: string) => execFileSync('sh', ['-euc', script], { cwd: tree });
const statisticsOf = async (instance: TestedInstance) => (await instance.ask({})).statistics as Statistics;

/** Starts with everything hashed. */
async function start(config: Record<string, unknown> = {}): Promise<TestedInstance> {
  const instance = await startInstance(fswatch, { paths: [`recursive:${tree}`], settle: '20ms', ...config });
  while ((await statisticsOf(instance)).tohash > 0) await pause();
  return instance;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

/** Waits until everything was compared `times` times more: what is not found by then is not found. */
async function rescanned(instance: TestedInstance, times = 1): Promise<void> {
  const { rescans } = await statisticsOf(instance);
  while ((await statisticsOf(instance)).rescans < rescans + times) await pause();
}

/** Whether two states of a tree are the same, whatever the order. */
const isSame = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>) =>
  one.size === other.size &&
  [...one].every(([path, state]) => JSON.stringify(sorted(other.get(path))) === JSON.stringify(sorted(state)));

/** Alerts in a few words, sorted by path. */
const said = (instance: TestedInstance) =>
  instance.alerts
    .map(({ fields }) =>
      `${fields['change']} ${String(fields['path']).slice(tree.length + 1)} ${fields['what'] ?? ''}`.trim(),
    )
    .sort();

describe('the configuration of fswatch', () => {
  test.each([
    [{ paths: ['etc'] }, /key 'paths\[0\]': expected an absolute path other than \/, with recursive:/],
    [{ paths: ['recursive:/'] }, /expected an absolute path other than \//],
    [{ paths: ['recursive:/..'] }, /expected an absolute path other than \//],
    [{ exclude: ['x'] }, /key 'exclude\[0\]': expected an absolute path, got 'x'/],
    [{ settle: '0s' }, /key 'settle': expected a duration from 10ms to 1m, got '0s'/],
    [{ rescan: 'often' }, /key 'rescan': expected a duration from 100ms to 24h/],
    [{ hashrate: 0 }, /key 'hashrate': expected at least 1/],
  ])('%j is refused', async (config, reason) => {
    const instance = await startInstance(fswatch, config);
    expect(await instance.ended).toBe(3);
    await instance.until(() => instance.logs.length > 0);
    expect(instance.logs[0]).toMatch(reason);
  });
});

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
    const path = join(tree, 'file');
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
    writeFileSync(join(tree, 'file'), 'aaaa');
    const instance = await start({ settle: '10ms' });
    const time = new Date('2024-01-01');
    for (let i = 0; i < 40; i++) {
      writeFileSync(join(tree, 'file'), `${1000 + i}`);
      utimesSync(join(tree, 'file'), time, time);
      await pause();
    }
    await instance.until(() => {
      const last = instance.alerts.at(-1)?.fields as { new?: { sha256?: string } } | undefined;
      return last?.new?.sha256 === truthOf(tree).get(join(tree, 'file'))!['sha256'];
    });
    await instance.stop();
  });

  test('of a large file is told with its hash, and holds up no other', async () => {
    writeFileSync(join(tree, 'large'), 'x');
    const instance = await start({ hashrate: 40 });
    truncateSync(join(tree, 'large'), 20 * 1024 * 1024);
    await pause();
    writeFileSync(join(tree, 'small'), 'x');
    await instance.until(() => instance.alerts.length === 2);
    expect(said(instance)).toEqual(['changed large size,mtime,sha256', 'created small']);
    expect(instance.alerts[0]!.fields['path']).toBe(join(tree, 'small'));
    const { sha256 } = instance.alerts[1]!.fields['new'] as { sha256: string };
    expect(sha256).toBe(truthOf(tree).get(join(tree, 'large'))!['sha256']);
    await instance.stop();
  });
});

describe('what is watched', () => {
  test('of a directory without recursive: is what lies in it, of a file the file', async () => {
    shell(
      'mkdir -p flat/deep single; echo x > flat/file; echo x > flat/deep/file; echo x > single/this; echo x > single/not',
    );
    const paths = [join(tree, 'flat'), join(tree, 'single/this')];
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

  test('can be left out in part', async () => {
    shell('mkdir -p out/in keep');
    const instance = await start({ exclude: [join(tree, 'out')], rescan: '150ms' });
    shell('echo x > out/in/file; echo x > keep/file; chmod 700 out; echo x > outside');
    await instance.until(() => instance.alerts.length >= 2);
    await rescanned(instance);
    expect(said(instance)).toEqual(['created keep/file', 'created outside']);
    await instance.stop();
  });

  test('may not be there yet, may go and come back, parents and all', async () => {
    const paths = [`recursive:${join(tree, 'a/b/root')}`, join(tree, 'a/b/file')];
    const instance = await start({ paths, poll: '100ms' });
    const absent = async () =>
      ((await instance.ask({})).errors ?? []).filter((text) => text.includes('does not exist'));
    expect(await absent()).toEqual(
      [paths[1]!, join(tree, 'a/b/root')].map((path) => `${path} does not exist; it is watched for`),
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
    const instance = startConfined(nobody, { paths: [`recursive:${tree}`], settle: '20ms', rescan: '100ms' });
    const asked = async (isThere: (errors: readonly string[], rescans: number) => boolean) => {
      for (;;) {
        const { result } = await instance.ask();
        if (isThere(result.errors ?? [], (result.statistics as Statistics).rescans)) return result;
        await pause();
      }
    };
    await asked((errors) => errors.includes(`${tree}/unreadable: EACCES`));
    shell('chmod 700 closed');
    const { statistics } = await asked((errors) => errors.includes(`${tree}/closed: EACCES`));
    await asked((_, rescans) => rescans > (statistics as Statistics).rescans + 3);
    shell('chmod 755 closed');
    await asked((errors) => !errors.includes(`${tree}/closed: EACCES`));
    shell('rm closed/in');
    while (instance.alerts.length < 3) await pause();
    expect(instance.alerts).toEqual([`changed ${tree}/closed`, `changed ${tree}/closed`, `removed ${tree}/closed/in`]);
    await instance.stop();
  });

  test.each([
    ['max_inotify_watches', 5, /gives no more watches: user.max_inotify_watches is 5, raise it with sysctl -w user/],
    ['max_inotify_instances', 0, /no more watch instances: user.max_inotify_instances is 0, raise it with sysctl/],
  ])('beyond %s of the system is told, and scanned instead', async (limit, value, reason) => {
    shell('for i in $(seq 20); do mkdir $i; echo x > $i/file; done');
    const confined = ['unshare', '-Ur', 'sh', '-c', `echo ${value} > /proc/sys/user/${limit}; exec "$@"`, 'sh'];
    const paths = [`recursive:${tree}`];
    const instance = startConfined(confined, { paths, settle: '20ms', rescan: '24h', poll: '100ms' });
    const { result, logs } = await instance.ask();
    expect(result.success).toBe(true);
    expect((result.elements as Elements).ok).toBe(false);
    expect(result.errors).toEqual([expect.stringMatching(reason)]);
    expect(result.errors![0]).toMatch(new RegExp(`^${22 - value} directories are only scanned every 100ms`));
    expect(logs.filter((line) => reason.test(line))).toHaveLength(1);
    shell('for i in $(seq 20); do echo y >> $i/file; mkdir $i/new; echo x > $i/new/in; done');
    while (instance.alerts.length < 60) await pause();
    const expected = Array.from({ length: 20 }, (_, i) => [
      `changed ${tree}/${i + 1}/file`,
      `created ${tree}/${i + 1}/new`,
      `created ${tree}/${i + 1}/new/in`,
    ]);
    expect([...instance.alerts].sort()).toEqual(expected.flat().sort());
    await instance.stop();
  });
});

describe('ten thousand changes in a second', () => {
  const script = (name: string) => join(import.meta.dirname, 'testing', name);

  beforeEach(() => {
    // In memory, so that it is a second.
    tree = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mig-fswatch-'));
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  test.each([1, 2])('of every kind, mixed: each difference raises one alert, and none is invented', async () => {
    shell('mkdir start; for i in $(seq 200); do echo $i > start/$i; done');
    const instance = await start({ settle: '100ms', rescan: '500ms', hashrate: 10_000 });
    const before = truthOf(tree);
    const seed = `${Date.now() % 100_000}`;
    const churn = spawn('python3', [script('churn.py'), tree, '10000', seed], { stdio: 'inherit' });
    expect(await once(churn, 'exit')).toEqual([0, null]);
    const after = truthOf(tree);
    // A change through another hard link is found when everything is compared.
    const { rescans } = await statisticsOf(instance);
    while (!isSame(after, replay(before, instance.alerts)) && (await statisticsOf(instance)).rescans < rescans + 5) {
      await pause();
    }
    expect(replay(before, instance.alerts), `seed ${seed}`).toEqual(after);
    const raised = instance.alerts.length;
    await rescanned(instance, 2);
    expect(instance.alerts.length).toBe(raised);
    const { elements } = await instance.ask({});
    expect(elements).toMatchObject({ ok: true, alerts: raised, dropped: 0, watching: after.size });
    await instance.stop();
  });

  test('of one kind at a time: each is an alert, by events alone', async () => {
    const instance = await start({ rescan: '24h', hashrate: 10_000 });
    let before = truthOf(tree);
    let told = 0;
    for (const [what, expected] of [
      ['create', 5_100],
      ['change', 5_000],
      ['rename', 10_000],
      ['remove', 5_100],
    ] as const) {
      const program = spawn('python3', [script('all-at-once.py'), tree, what], { stdio: 'inherit' });
      expect(await once(program, 'exit')).toEqual([0, null]);
      const after = truthOf(tree);
      const alerts = () => instance.alerts.slice(told);

      while (alerts().length < expected || !isSame(after, replay(before, alerts()))) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      // What was changed while it was noticed counts for each state that was seen.
      expect(new Set(alerts().map(({ fields }) => fields['path'])).size).toBe(expected);
      told = instance.alerts.length;
      before = after;
    }
    expect((await instance.ask({})).elements).toMatchObject({ ok: true, dropped: 0 });
    await instance.stop();
  }, 120_000);
});

const sorted = (state: unknown) => Object.entries(state ?? {}).sort();

test('what the system did not tell, since its queue overflowed, is found all the same', async () => {
  shell('mkdir dir; for i in $(seq 100); do echo $i > dir/$i; done');
  const instance = await start({ rescan: '24h', poll: '24h' });
  const before = truthOf(tree);
  // This process reads no events while it waits for the other one, and so the queue (16,384 events) runs over.
  const many = 'import os\nfor i in range(20000):\n os.chmod("dir/%d" % (i % 50 + 1), 0o600 + i % 2)';
  execFileSync('python3', ['-c', many], { cwd: tree });
  shell('for i in $(seq 51 100); do echo more >> dir/$i; done; rm -r dir; mkdir dir; echo x > dir/new');
  const after = truthOf(tree);
  while (!isSame(after, replay(before, instance.alerts))) await pause();
  const { rescans, events } = await statisticsOf(instance);
  expect(rescans).toBeGreaterThan(0);
  shell('echo y >> dir/new');
  const raised = instance.alerts.length;
  await instance.until(() => instance.alerts.length > raised);
  expect((await statisticsOf(instance)).events).toBeGreaterThan(events);
  await instance.stop();
});

test('prints what changed, and hides where in privacy mode', () => {
  const change = { time: '2026-01-01T00:00:00.000Z', change: 'changed', type: 'file', path: '/etc/x', what: ['mode'] };
  const file = { path: '/etc/l', type: 'link', mode: 'Lrwxrwxrwx', owner: '0:0', target: '/etc/x' };
  const result = {
    foundanything: true,
    success: true,
    elements: {
      ok: true,
      watching: 3,
      alerts: 1,
      dropped: 0,
      roots: [{ path: '/etc', recursive: true, present: false }],
      changes: [change],
      files: [file],
    },
    statistics: { directories: 1, scanned: 0, tohash: 0, hashedbytes: 9, events: 2, rescans: 1, unreadable: 0 },
    errors: null,
  };
  expect(printResults(fswatch, result, true)).toEqual([
    'ok: watching 3 files, 1 alerts raised, 0 dropped',
    'absent: /etc (recursive)',
    '2026-01-01T00:00:00.000Z changed file /etc/x (mode)',
    'known link /etc/l [mode:Lrwxrwxrwx owner:0:0 size:- mtime:-] /etc/x',
  ]);
  expect(JSON.stringify(enhancePrivacy(fswatch, result))).not.toContain('/etc');
  const alert = { message: 'file changed: /etc/x', fields: { ...change, old: { mode: '-' } } };
  expect(maskAlert(fswatch, alert)).toEqual({
    message: 'file changed',
    fields: { change: 'changed', type: 'file', what: ['mode'] },
  });
});
