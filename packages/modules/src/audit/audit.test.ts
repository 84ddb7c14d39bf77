import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enhancePrivacy, maskAlert, printResults } from '@mig/module';
import { describeContract, startConfined, startInstance, type TestedInstance } from '@mig/module/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit, type Elements } from './audit.ts';
import { LogTail } from './log-tail.ts';
import { SocketFeed } from './socket-feed.ts';
import { Auditd, whyNoAudit } from './testing/auditd.ts';

describeContract(audit);

const folder = mkdtempSync(join(tmpdir(), 'mig-audit-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the configuration of audit', () => {
  test.each([
    [
      { rules: ['-D'] },
      /key 'rules\[0\]': expected a rule as auditctl takes it, beginning with -a, -A or -w, got '-D'/,
    ],
    [{ rules: ['-w /x\n-D'] }, /expected one line/],
    [{ rules: ['-w /x -k "open'] }, /key 'rules\[0\]': expected an end for each quote, got '-w \/x -k "open'/],
    [{ log: 'audit.log' }, /key 'log': expected an absolute path/],
    [{ source: 'kernel' }, /key 'source': expected one of 'auto', 'socket', 'log'/],
    [{ backloglimit: 1 }, /key 'backloglimit': expected at least 64/],
    [{ socket: '/no/such/socket', log: '/no/such/log' }, /out of reach:|nobody takes the events of the kernel/],
  ])('%j ends the module for good, with one line', async (config, reason) => {
    const instance = await startInstance(audit, config);
    expect(await instance.ended).toBe(3);
    await instance.until(() => instance.logs.length > 0);
    expect(instance.logs).toEqual([expect.stringMatching(reason)]);
  });
});

describe('the log', () => {
  test('is read from its end on, through rotations, truncation, and lines that come in pieces', () => {
    const path = join(folder, 'audit.log');
    writeFileSync(path, 'old\n');
    const lines: string[] = [];
    const logs: string[] = [];
    const tail = new LogTail(
      path,
      (line) => lines.push(line),
      (line) => logs.push(line),
    );
    const rotate = () => {
      for (let at = 4; at > 0; at--) {
        const from = at === 1 ? path : `${path}.${at - 1}`;
        try {
          renameSync(from, `${path}.${at}`);
        } catch {}
      }
    };
    appendFileSync(path, 'one\ntw');
    tail.read();
    appendFileSync(path, 'o\ngr\u00fc');
    tail.read();
    appendFileSync(path, 'n\nbefore\n');
    rotate();
    tail.read();
    writeFileSync(path, 'middle\n');
    rotate();
    writeFileSync(path, 'last\n');
    rotate();
    writeFileSync(path, 'now\n');
    tail.read();
    expect(lines).toEqual(['one', 'two', 'grün', 'before', 'middle', 'last', 'now']);
    appendFileSync(path, 'torn');
    tail.read();
    truncateSync(path);
    tail.read();
    appendFileSync(path, 'anew\n');
    tail.read();
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
    appendFileSync(path, 'replaced\n');
    tail.read();
    expect(lines.slice(7)).toEqual(['anew', 'anew', 'replaced']);
    appendFileSync(path, 'torn');
    tail.read();
    renameSync(path, `${path}.1`);
    mkdirSync(path);
    tail.read();
    tail.read();
    expect([tail.trouble, ...logs]).toEqual([`${path} cannot be read: EISDIR`, `${path} cannot be read: EISDIR`]);
    rmdirSync(path);
    writeFileSync(path, 'whole\n');
    tail.read();
    expect([tail.trouble, logs.at(-1), lines.at(-1)]).toEqual([undefined, `${path} can be read again`, 'whole']);
    tail.stop();
  });
});

test('where auditctl fails, events are told all the same, and the answer says what is not known', async () => {
  const path = join(folder, 'open.log');
  writeFileSync(path, '');
  chmodSync(folder, 0o755);
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const script = join(import.meta.dirname, 'testing/instance-main.ts');
  const config = { source: 'log', log: path, rules: ['-w /etc/passwd -p wa -k x'], backloglimit: 64 };
  const instance = startConfined(nobody, script, config);
  const first = await instance.ask();
  expect(first.result).toMatchObject({ success: true, elements: { ok: false, rules: 0, alerts: 0 } });
  expect(first.result.elements).not.toHaveProperty('lost');
  expect(first.result.elements).not.toHaveProperty('backlog');
  expect(first.result.errors).toEqual([
    expect.stringMatching(/^it is not known how many records were lost before: auditctl (says|is|ended)/),
    expect.stringMatching(/^limits are not set: auditctl (says|is|ended)/),
    expect.stringMatching(/^rule '-w \/etc\/passwd -p wa -k x': auditctl (says|is|ended)/),
    expect.stringMatching(/^it is not known whether the kernel sends events, or lost some: auditctl (says|is|ended)/),
  ]);
  expect(first.logs.slice(0, 3)).toEqual(first.result.errors!.slice(0, 3));
  appendFileSync(path, 'type=USER_CMD msg=audit(1.000:7): pid=1 uid=0\n');
  while (instance.alerts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(instance.alerts[0]).toMatchObject({ message: 'audit USER_CMD 7' });
  appendFileSync(path, 'type=USER_CMD msg=audit(1.000:8): pid=1 uid=0\n');
  while (instance.alerts.length === 1) await new Promise((resolve) => setTimeout(resolve, 5));
  const { result } = await instance.ask({ type: 'USER_CMD', limit: 1 });
  expect(result.elements).toMatchObject({ events: [{ serial: 8 }] });
  expect(result.errors).toContain('2 events with a record USER_CMD are kept, the last 1 are returned: raise limit');
  await instance.stop();
});

test('the socket is connected to again when auditd comes back', async () => {
  const path = join(folder, 'events');
  const clients: Socket[] = [];
  const listen = async () => {
    const server = createServer((socket) => clients.push(socket)).listen(path);
    await once(server, 'listening');
    return server;
  };
  await expect(
    SocketFeed.open(
      path,
      () => {},
      () => {},
    ),
  ).rejects.toThrow(/ENOENT/);
  const first = await listen();
  const [lines, logs]: [string[], string[]] = [[], []];
  const until = async (isThere: () => boolean) => {
    while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const feed = await SocketFeed.open(
    path,
    (line) => lines.push(line),
    (line) => logs.push(line),
  );
  await until(() => clients.length === 1);
  clients[0]!.write('one\ntw');
  clients[0]!.write('o\n');
  await until(() => lines.length === 2);
  clients[0]!.destroy();
  first.close();
  await until(() => !feed.isConnected);
  const second = await listen();
  await until(() => clients.length === 2);
  clients[1]!.write('three\n');
  await until(() => lines.length === 3);
  expect(lines).toEqual(['one', 'two', 'three']);
  expect(feed.interruptions).toBe(1);
  expect(logs).toEqual([`auditd closed ${path}; connecting again`, `connected to ${path} again`]);
  feed.stop();
  second.close();
});

const whyNot = whyNoAudit();
if (whyNot !== undefined) process.stderr.write(`audit: tests with events of this kernel are left out: ${whyNot}\n`);
const leftOut = whyNot === undefined ? '' : `, left out here: ${whyNot}`;

describe.skipIf(whyNot !== undefined)(`events of this kernel${leftOut}`, () => {
  let auditd: Auditd;
  beforeAll(async () => {
    auditd = new Auditd();
    await auditd.start();
  });
  afterAll(async () => {
    await auditd.stop();
    auditd.remove();
  });

  const alertsOf = (instance: TestedInstance, key: string) =>
    instance.alerts.filter(({ fields }) => {
      const { SYSCALL } = fields['fields'] as { SYSCALL?: { key?: string } };
      return SYSCALL?.key === key;
    });

  test.each(['socket', 'log'] as const)('come by the %s: an execve, and a file that is read', async (source) => {
    const program = join(auditd.folder, `program-${source}`);
    const watched = join(auditd.folder, `watched-${source}`);
    copyFileSync('/bin/true', program);
    execFileSync('chmod', ['755', program]);
    writeFileSync(watched, 'x');
    const instance = await startInstance(audit, {
      source,
      socket: auditd.socket,
      log: auditd.log,
      includeraw: source === 'log',
      backloglimit: 4096,
      rules: [
        `-a always,exit -F arch=b64 -S execve -F exe=${program} -k mig-exec-${source}`,
        `-w ${watched} -p r -k mig-file-${source}`,
        '-a always,exit -S no_such_call -k wrong',
      ],
    });
    execFileSync(program, ['a b', 'grün "x"']);
    await instance.until(() => alertsOf(instance, `mig-exec-${source}`).length > 0);
    if (source === 'log') await auditd.rotate();
    execFileSync('cat', [watched]);
    await instance.until(() => alertsOf(instance, `mig-file-${source}`).length > 0);
    const [started] = alertsOf(instance, `mig-exec-${source}`);
    expect(alertsOf(instance, `mig-exec-${source}`)).toHaveLength(1);
    expect(started!.fields).toMatchObject({
      type: 'SYSCALL',
      fields: {
        SYSCALL: { SYSCALL: 'execve', exe: program, success: 'yes', key: `mig-exec-${source}`, ppid: `${process.pid}` },
        EXECVE: { argc: '3', a0: program, a1: 'a b', a2: 'grün "x"' },
        PROCTITLE: { proctitle: `${program} a b grün "x"` },
      },
    });
    expect('raw' in started!.fields).toBe(source === 'log');
    const read = alertsOf(instance, `mig-file-${source}`)[0]!.fields['fields'] as Record<string, { name?: string }>;
    expect(JSON.stringify(read['PATH'])).toContain(watched);
    const answer = await instance.ask({ type: 'EXECVE' });
    const elements = answer.elements as Elements;
    expect(elements).toMatchObject({
      ok: false,
      rules: 2,
      lost: 0,
      dropped: 0,
      source: expect.stringContaining(source),
    });
    expect(elements.events).toContainEqual(
      expect.objectContaining({ type: 'SYSCALL', call: 'execve', key: `mig-exec-${source}`, exe: program }),
    );
    expect(answer.errors).toEqual([
      expect.stringMatching(/^rule '-a always,exit -S no_such_call -k wrong': auditctl says/),
    ]);
    expect(execFileSync('auditctl', ['-s'], { encoding: 'utf8' })).toContain('backlog_limit 4096');
    execFileSync('auditctl', ['-e', '0']);
    expect((await instance.ask({})).errors).toContainEqual(expect.stringMatching(/^no events come: .*switched off/));
    execFileSync('auditctl', ['-e', '1']);
    await instance.stop();
    expect(execFileSync('auditctl', ['-l'], { encoding: 'utf8' })).not.toContain('mig-');
  });

  test('rules that a killed instance has left are taken away by the next one, and those of the owner stay', async () => {
    const file = join(auditd.folder, 'owned');
    writeFileSync(file, 'x');
    const [kept, gone, owners] = ['kept', 'gone', 'owners'].map((name) => `-w ${file} -p w -k mig-${name}`);
    const auditctl = (...words: string[]) => execFileSync('auditctl', words, { encoding: 'utf8' });
    const loaded = () => [...auditctl('-l').matchAll(/-k (mig-\w+)/g)].map(([, key]) => key).sort();
    const config = { source: 'log', log: auditd.log };
    const state = { directory: join(auditd.folder, 'state') };
    const killed = { directory: join(auditd.folder, 'killed') };
    const load = (...rules: (string | undefined)[]) => {
      for (const rule of rules) auditctl(...rule!.split(' '));
    };

    load(owners);
    const first = await startInstance(audit, { ...config, rules: [kept, gone, owners] }, state);
    await expect.poll(() => readFileSync(join(state.directory, 'rules.jsonl'), 'utf8')).toContain('mig-gone');
    cpSync(state.directory, killed.directory, { recursive: true });
    await first.stop();
    expect(loaded()).toEqual(['mig-owners']);
    // As a kill leaves it.
    load(kept, gone);
    const second = await startInstance(audit, { ...config, rules: [kept, owners] }, killed);
    expect(loaded()).toEqual(['mig-kept', 'mig-owners']);
    await second.stop();
    expect(loaded()).toEqual(['mig-owners']);

    // After a boot nothing is left of it: who has loaded the same rule since is somebody else.
    load(kept, gone);
    const lines = readFileSync(join(state.directory, 'rules.jsonl'), 'utf8');
    const [boot = ''] = /^.*boot.*$/m.exec(lines) ?? [];
    writeFileSync(
      join(state.directory, 'rules.jsonl'),
      [JSON.stringify({ boot: 'before' }), JSON.stringify({ added: gone }), ''].join('\n'),
    );
    await (await startInstance(audit, { ...config, rules: [kept] }, state)).stop();
    expect(loaded()).toEqual(['mig-gone', 'mig-kept', 'mig-owners']);
    expect(readFileSync(join(state.directory, 'rules.jsonl'), 'utf8')).toBe(`${boot}\n`);
    auditctl('-W', file, '-p', 'w', '-k', 'mig-owners');
    for (const key of ['gone', 'kept']) auditctl('-W', file, '-p', 'w', '-k', `mig-${key}`);
  });
});

test('prints counts and events, and hides programs in privacy mode', () => {
  const event = {
    time: '2026-01-01T00:00:00.000Z',
    serial: 7,
    type: 'SYSCALL',
    call: 'execve',
    key: 'exec',
    exe: '/bin/x',
  };
  const result = {
    foundanything: true,
    success: true,
    elements: {
      ok: true,
      source: 'log /l',
      alerts: 1,
      dropped: 0,
      lost: 0,
      backlog: 0,
      rules: 2,
      types: { EXECVE: 1 },
      events: [event],
    },
    statistics: { records: 1, unreadable: 0, late: 0, cut: 0 },
    errors: null,
  };
  expect(printResults(audit, result, true)).toEqual([
    'ok: 1 alerts raised, 0 dropped, 0 records lost, 0 wait',
    '2 rules loaded, events from log /l',
    'EXECVE: 1 records',
    '2026-01-01T00:00:00.000Z 7 SYSCALL execve [key:exec exe:/bin/x]',
  ]);
  expect(JSON.stringify(enhancePrivacy(audit, result))).not.toContain('/bin/x');
  const { time, serial, type } = event;
  const alert = { message: 'audit SYSCALL 7', fields: { type, serial, time, fields: { SYSCALL: { exe: '/bin/x' } } } };
  expect(maskAlert(audit, alert)).toEqual({ message: 'audit SYSCALL 7', fields: { type, serial, time } });
});
