import { enhancePrivacy, maskAlert, printResults } from '@mig/module';
import { describeContract, startInstance } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { fswatch } from './fswatch.ts';

describeContract(fswatch);

describe('the configuration of fswatch', () => {
  test.each([
    [{ paths: ['etc'] }, /key 'paths\[0\]': expected an absolute path other than \/, with recursive:/],
    [{ paths: ['recursive:/'] }, /expected an absolute path other than \//],
    [{ paths: ['recursive:/..'] }, /expected an absolute path other than \//],
    [{ exclude: ['x'] }, /key 'exclude\[0\]': expected an absolute path, got 'x'/],
    [{ settle: '0s' }, /key 'settle': expected a duration from 10ms to 1m, such as 500ms, got '0s'/],
    [{ rescan: 'often' }, /key 'rescan': expected a duration from 100ms to 24h/],
    [{ hashrate: 0 }, /key 'hashrate': expected at least 1/],
  ])('%j is refused', async (config, reason) => {
    const instance = await startInstance(fswatch, config);
    expect(await instance.ended).toBe(3);
    await instance.until(() => instance.logs.length > 0);
    expect(instance.logs[0]).toMatch(reason);
  });
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
