import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuditEvent, EventGatherer } from './event-gatherer.ts';
import { parseRecord } from './parse-record.ts';
import { decodeSocketAddress } from './socket-address.ts';

const recordings = ['kernel.log', 'forms.log'].map((name) => join(import.meta.dirname, 'testdata', name));
const linesOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n');

/** What ausearch(8) of Debian makes of a recording. */
const ausearch = (path: string, ...args: string[]) =>
  execFileSync('ausearch', ['-if', path, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

function gather(lines: readonly string[], pending = 1000): { events: AuditEvent[]; gatherer: EventGatherer } {
  const events: AuditEvent[] = [];
  const gatherer = new EventGatherer({ pending, quietMs: 60_000, onEvent: (event) => void events.push(event) });
  for (const line of lines) gatherer.take(line);
  gatherer.flush();
  return { events, gatherer };
}

describe.each(recordings)('%s', (path) => {
  test('has the events that ausearch finds, with their records', () => {
    const events = ausearch(path, '--format', 'raw', '-m', 'ALL');
    const expected = new Map<string, string[]>();
    for (const line of events.trim().split('\n')) {
      const [, type = '', id = ''] = /type=(\S+) msg=audit\(([^)]+)\)/.exec(line)!;
      if (type !== 'EOE') expected.set(id, [...(expected.get(id) ?? []), type].sort());
    }
    const found = gather(linesOf(path)).events.map(
      ({ time, serial, records }) => [`${time}:${serial}`, records.map(({ type }) => type).sort()] as const,
    );
    expect(new Map(found)).toEqual(expected);
    expect(found).toHaveLength(expected.size);
  });

  test('has the texts that ausearch -i reads in encoded fields', () => {
    const interpreted = new Map<string, string[]>();
    for (const line of ausearch(path, '-i', '-m', 'ALL').split('\n')) {
      const [, type, time, serial, text = ''] = /^type=(\S+) msg=audit\((.*?):(\d+)\) : (.*)$/.exec(line) ?? [];
      if (type === undefined) continue;
      const key = `${type} ${time!.slice(-12)} ${serial}`;
      interpreted.set(key, [...(interpreted.get(key) ?? []), text]);
    }
    let compared = 0;
    for (const line of linesOf(path)) {
      const { type, time, serial, fields } = parseRecord(line)!;
      const clock = new Date(Number(time.replace('.', ''))).toISOString().slice(11, 23);
      const texts = interpreted.get(`${type} ${clock} ${serial}`) ?? [];
      for (const name of ['comm', 'exe', 'name', 'cwd', 'cmd', 'acct', 'proctitle', 'key', 'a0', 'a1', 'a2', 'a3']) {
        const value = fields[name];
        if (value === undefined || (name.startsWith('a') && name.length === 2 && type !== 'EXECVE')) continue;
        // ausearch writes several keys apart, as "exec policy"; line ends and trailing spaces it drops or keeps.
        for (const piece of name === 'key' ? value.split(',') : [value.split('\n')[0]!.trimEnd()]) {
          expect(
            texts.some((text) => text.includes(piece)),
            `${type} ${serial} ${name}=${piece} in ${texts}`,
          ).toBe(true);
        }
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });
});

describe('a record', () => {
  const fieldsOf = (body: string, type = 'SYSCALL') =>
    parseRecord(`type=${type} msg=audit(1700000000.001:7): ${body}`)!.fields;

  test.each([
    ['SYSCALL', 'comm="a b" exe="/x" key=(null) tty=(none)', { comm: 'a b', exe: '/x', tty: '(none)' }],
    ['SYSCALL', 'a0=ABCD comm=6120 key=6101620163', { a0: 'ABCD', comm: 'a ', key: 'a,b,c' }],
    [
      'EXECVE',
      'argc=2 a0="x" a1_len=4 a1[0]=6162 a1[1]=6364',
      { argc: '2', a0: 'x', a1_len: '4', 'a1[0]': 'ab', 'a1[1]': 'cd' },
    ],
    ['USER_CMD', `pid=1 msg='cwd="/it's" cmd=6C73 res=success'`, { pid: '1', cwd: "/it's", cmd: 'ls', res: 'success' }],
    [
      'USER_ACCT',
      `user pid=1 uid=0 msg='PAM: accounting acct="cron" : exe="/usr/sbin/cron" (hostname=?, addr=?, terminal=cron res=success)'`,
      {
        pid: '1',
        uid: '0',
        acct: 'cron',
        exe: '/usr/sbin/cron',
        hostname: '?',
        addr: '?',
        terminal: 'cron',
        res: 'success',
      },
    ],
    ['TTY', 'tty pid=1 data=70617373', { pid: '1', data: '4 bytes' }],
    ['USER_TTY', `pid=1 data=7061737377`, { pid: '1', data: '5 bytes' }],
    ['USER_TTY', `pid=1 data="passw"`, { pid: '1', data: '5 bytes' }],
    ['UNKNOWN[1124]', `pid=1 data="passw"`, { pid: '1', data: '5 bytes' }],
    ['TTY', `pid=1 data='passw' comm="x"`, { pid: '1', data: '5 bytes', comm: 'x' }],
    ['PROCTITLE', 'proctitle=6C73002D6C00', { proctitle: 'ls -l' }],
    ['SYSCALL', 'uid=0\x1dUID="root" SYSCALL=execve', { uid: '0', UID: 'root', SYSCALL: 'execve' }],
    ['OBJ_PID', 'opid=1 opid=2', { opid: '1', opid_2: '2' }],
    ['AVC', 'avc:  denied  { read } for  pid=1 comm="x"', { seresult: 'denied', seperms: 'read', pid: '1', comm: 'x' }],
  ])('%s %s', (type, body, expected) => {
    expect(fieldsOf(body, type)).toEqual(expected);
  });

  test('says its time, number and machine', () => {
    expect(parseRecord('node=web1 type=UNKNOWN[1420] msg=audit(1700000000.001:42): a=b')).toEqual({
      type: 'UNKNOWN[1420]',
      time: '1700000000.001',
      serial: 42,
      node: 'web1',
      fields: { a: 'b' },
    });
  });

  test.each(['', 'nonsense', 'type=X', 'type=SYSCALL msg=audit(1): a=b', 'type=lower msg=audit(1.001:1): '])(
    '%j is none',
    (line) => expect(parseRecord(line)).toBeUndefined(),
  );

  test('of whatever text is read without failing, and what was written is read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void fieldsOf(text)),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        // As the kernel does (audit_log_untrustedstring).
        const isPlain = bytes.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x22);
        const written = isPlain ? `"${Buffer.from(bytes)}"` : Buffer.from(bytes).toString('hex').toUpperCase();
        expect(fieldsOf(`comm=${written}`)['comm']).toBe(Buffer.from(bytes).toString());
      }),
    );
  });

  test.each([
    ['020001BBC00002010000000000000000', 'inet 192.0.2.1:443'],
    ['0A0000160000000000000000000000000000000000000001', 'inet6 [0:0:0:0:0:0:0:1]:22'],
    ['01002F72756E2F7800', 'unix /run/x'],
    ['0100002F6162', 'unix @/ab'],
    ['10000000', undefined],
    ['02', undefined],
    ['0G00', undefined],
  ])('the address %s is %s', (hex, expected) => expect(decodeSocketAddress(hex)).toBe(expected));
});

describe('events', () => {
  const record = (serial: number, type: string) => `type=${type} msg=audit(1700000000.001:${serial}): pid=${serial}`;

  test('that overlap are told apart, whatever the order of their records', () => {
    const interleaved = fc.shuffledSubarray(
      Array.from({ length: 30 }, (_, i) => record(i % 10, ['SYSCALL', 'PATH', 'CWD'][Math.floor(i / 10)]!)),
      { minLength: 30 },
    );
    fc.assert(
      fc.property(interleaved, (lines) => {
        const ends = Array.from({ length: 10 }, (_, i) => record(i, 'EOE'));
        const { events, gatherer } = gather([...lines, ...ends]);
        expect(events.map(({ serial }) => serial)).toEqual(Array.from({ length: 10 }, (_, i) => i));
        for (const { serial, records } of events) {
          expect(records.map(({ type }) => type).sort()).toEqual(['CWD', 'PATH', 'SYSCALL']);
          expect(records.every(({ fields }) => fields['pid'] === `${serial}`)).toBe(true);
        }
        expect(gatherer.late).toBe(0);
      }),
    );
  });

  test('are told early when too many are open, and what comes later is counted', () => {
    const lines = Array.from({ length: 20 }, (_, i) => record(i, 'SYSCALL'));
    const { events, gatherer } = gather([...lines, record(0, 'PATH'), 'nonsense', record(5, 'EOE')], 16);
    expect(events).toHaveLength(20);
    expect(gatherer).toMatchObject({ cut: 4, late: 1, unreadable: 1, records: 22 });
  });

  test('without an end are told when nothing more comes', async () => {
    const event = await new Promise<AuditEvent>((resolve) => {
      const gatherer = new EventGatherer({ pending: 16, quietMs: 20, onEvent: resolve });
      gatherer.take(record(1, 'SYSCALL'));
      gatherer.take(record(1, 'PROCTITLE'));
    });
    expect(event.records.map(({ type }) => type)).toEqual(['SYSCALL', 'PROCTITLE']);
  });
});
