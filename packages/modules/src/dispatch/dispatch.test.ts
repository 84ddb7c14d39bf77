import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enhancePrivacy, maskAlert, printResults } from '@mig/module';
import { describeContract, startInstance } from '@mig/module/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { dispatch, type Elements } from './dispatch.ts';
import { alertOf } from './testing/alerts.ts';

describeContract(dispatch);

const folder = mkdtempSync(join(tmpdir(), 'mig-dispatch-'));
afterAll(() => rmSync(folder, { recursive: true }));

const numbers = (text: string): number[] =>
  text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { fields: { number: number } }).fields.number);

describe('the configuration of dispatch', () => {
  test.each([
    [{}, /^no destination: expected at least one \[\[http\]\]/],
    [{ http: [{ url: 'ftp://x' }] }, /key 'http\[0\].url': expected an http or https URL without user and password/],
    [{ http: [{ url: 'https://a:b@x' }] }, /expected an http or https URL without user and password/],
    [{ syslog: [{ address: 'localhost:514' }] }, /key 'syslog\[0\].address': expected udp:\/\/HOST/],
    [{ syslog: [{ address: 'udp://h', facility: 'local9' }] }, /key 'syslog\[0\].facility': expected one of 'kern'/],
    [{ file: [{ path: 'alerts' }] }, /key 'file\[0\].path': expected an absolute path, got 'alerts'/],
    [{ file: [{ path: '/x', sise: 1 }] }, /unknown key 'sise'/],
    [{ channelsize: 0, file: [{ path: '/x' }] }, /key 'channelsize': expected at least 1/],
    [{ retrymin: 'soon', file: [{ path: '/x' }] }, /key 'retrymin': expected a duration from 10ms to 24h/],
  ])('%j is refused', async (config, reason) => {
    const instance = await startInstance(dispatch, config);
    expect(await instance.ended).toBe(3);
    await instance.until(() => instance.logs.length > 0);
    expect(instance.logs[0]).toMatch(reason);
  });
});

describe('a file as a destination', () => {
  test('keeps every alert in order under load, rotated by size, readable by its owner alone', async () => {
    const path = join(folder, 'rotated.jsonl');
    const instance = await startInstance(dispatch, {
      channelsize: 20_000,
      file: [{ path, size: 100_000, count: 50 }],
    });
    for (let i = 0; i < 10_000; i++) instance.forward(alertOf('fswatch', i, { text: 'grün '.repeat(i % 7) }));
    await instance.stop();
    const files = readdirSync(folder).filter((name) => name.startsWith('rotated'));
    expect(files.length).toBeGreaterThan(10);
    const at = (name: string) => Number(name.split('.')[2] ?? 0);
    const inOrder = files.sort((a, b) => at(b) - at(a)).map((name) => join(folder, name));
    for (const name of inOrder) {
      expect(statSync(name).size).toBeLessThanOrEqual(100_000);
      expect(statSync(name).mode & 0o777).toBe(0o600);
    }
    const text = execFileSync('cat', inOrder, { encoding: 'utf8', maxBuffer: 1e8 });
    expect(numbers(text)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(JSON.parse(text.split('\n')[0]!)).toEqual({
      id: 'fswatch-0',
      module: 'fswatch',
      hostname: 'tested',
      time: '2026-01-01T00:00:00.000Z',
      message: 'alert 0',
      fields: { number: 0, text: '' },
    });
  });

  test('keeps as many older files as it is told, and one alert that is larger than a file', async () => {
    const path = join(folder, 'few.jsonl');
    const instance = await startInstance(dispatch, { file: [{ path, size: 1024, count: 2 }] });
    for (let i = 0; i < 100; i++) {
      instance.forward(alertOf('m', i, i === 99 ? { text: 'x'.repeat(3000) } : {}));
    }
    await instance.stop();
    const files = readdirSync(folder).filter((name) => name.startsWith('few'));
    expect(files.sort()).toEqual(['few.jsonl', 'few.jsonl.1', 'few.jsonl.2']);
    expect(numbers(readFileSync(path, 'utf8'))).toEqual([99]);
  });

  test('goes on in a new file when somebody has moved it away', async () => {
    const path = join(folder, 'moved.jsonl');
    const instance = await startInstance(dispatch, { file: [{ path }] });
    const isSent = async (count: number) => {
      while (((await instance.ask({})).elements as Elements).sent < count) await instance.ping();
    };
    instance.forward(alertOf('m', 1));
    await isSent(1);
    renameSync(path, `${path}.old`);
    instance.forward(alertOf('m', 2));
    await isSent(2);
    await instance.stop();
    expect(numbers(readFileSync(`${path}.old`, 'utf8'))).toEqual([1]);
    expect(numbers(readFileSync(path, 'utf8'))).toEqual([2]);
  });

  test('is not written through a link, and one that fails disturbs no other', async () => {
    const [link, path] = [join(folder, 'link.jsonl'), join(folder, 'beside.jsonl')];
    symlinkSync(join(folder, 'elsewhere'), link);
    const file = [{ path: link }, { path: join(folder, 'no/such/directory') }, { path }];
    const instance = await startInstance(dispatch, { retrymin: '10ms', retrymax: '20ms', file });
    instance.forward(alertOf('m', 1));
    let elements: Elements;
    do elements = (await instance.ask({})).elements as Elements;
    while (elements.sent === 0 || elements.destinations.some(({ sent, failures }) => sent + failures === 0));
    expect(elements).toMatchObject({ ok: false, queued: 2, sent: 1, dropped: 0 });
    expect(elements.destinations.map(({ ok }) => ok)).toEqual([false, false, true]);
    expect(elements.destinations[0]!.lasterror).toMatch(/ELOOP/);
    expect(elements.destinations[1]!.lasterror).toMatch(/ENOENT/);
    await instance.stop();
    expect(readdirSync(folder)).not.toContain('elsewhere');
    expect(instance.logs.filter((line) => line.includes('ended with 1 alerts not sent'))).toHaveLength(2);
  });

  test('takes back what it wrote in part when the disk is full, and writes it once there is room', async () => {
    // A file system of 64 KiB; where it may not be mounted, /dev/full says the same of every write.
    const mounted = join(folder, 'small');
    execFileSync('mkdir', [mounted]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', mounted]);
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${mounted}/filler`, 'bs=1k', 'count=56'], { stdio: 'pipe' });
      const path = join(mounted, 'alerts.jsonl');
      const instance = await startInstance(dispatch, { retrymin: '10ms', retrymax: '20ms', file: [{ path }] });
      for (let i = 0; i < 200; i++) instance.forward(alertOf('m', i));
      await instance.until(() => instance.logs.some((line) => line.includes('ENOSPC')));
      rmSync(join(mounted, 'filler'));
      await instance.until(() => instance.logs.some((line) => line.endsWith('takes alerts again')));
      await instance.stop();
      expect(numbers(readFileSync(path, 'utf8'))).toEqual(Array.from({ length: 200 }, (_, i) => i));
    } finally {
      execFileSync('umount', [mounted]);
    }
  });
});

test('prints a line for each destination, and hides where they are in privacy mode', () => {
  const state = { ok: false, queued: 3, sent: 4, dropped: 5 };
  const http = { destination: 'https://siem/x', kind: 'http', ...state, failures: 2, lasterror: 'refused by siem' };
  const result = {
    foundanything: true,
    success: true,
    elements: { ...state, destinations: [http] },
    statistics: { received: 12, found: 0, channelsize: 1024 },
    errors: null,
  };
  expect(printResults(dispatch, result)).toEqual([
    'all: not ok, 3 queued, 4 sent, 5 dropped',
    'http https://siem/x: not ok, 3 queued, 4 sent, 5 dropped, last sent never, 2 tries failed, the last: refused by siem',
    'stat: 12 alerts received, 0 found waiting at the start, 1024 may wait for each destination',
  ]);
  const masked = JSON.stringify(enhancePrivacy(dispatch, result));
  expect(masked).not.toContain('siem');
  expect(masked).toContain('"dropped":5');
  const alert = { message: '5 alerts were dropped on their way', fields: { destination: 'https://siem', dropped: 5 } };
  expect(maskAlert(dispatch, alert)).toEqual({ message: alert.message, fields: { dropped: 5 } });
});
