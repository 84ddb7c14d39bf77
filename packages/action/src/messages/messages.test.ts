import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUuid } from '../identifiers/uuid.ts';
import { queueLocation } from './agent.ts';
import { decodeMessage, encodeMessage } from './encoding.ts';
import { architectureName, operatingSystemName } from './environment.ts';
import { type MessageKind, type MessageOf, messageKinds } from './kinds.ts';

const id = createUuid();
const time = '2026-03-01T12:00:00.000Z';
const agent = {
  name: 'web1',
  queueloc: queueLocation({ os: 'linux', name: 'web1', id }),
  mode: 'daemon',
  version: '0.1.0',
  pid: 17,
  starttime: time,
  environment: {
    init: 'systemd',
    ident: 'Debian 12',
    os: operatingSystemName('linux'),
    arch: architectureName('x64'),
    isproxied: false,
    addresses: ['192.0.2.1/24', '2001:db8::1/64'],
    modules: ['file'],
    persistent: [{ name: 'fswatch', state: 'failed', since: time, reason: 'exit status 1' }],
    cloud: { provider: 'aws', instanceid: 'i-1' },
  },
} as const;
const envelope = { payload: 'e30=', payloadType: 'application/vnd.mig.action+json', signatures: [{ sig: 'AA==' }] };
const result = { foundanything: true, success: true, elements: { a: 1 }, statistics: null, errors: null };
const samples: { readonly [Kind in MessageKind]: MessageOf<Kind> } = {
  command: { commandid: id, actionid: id, envelope, senttime: time },
  cancel: { commandid: id, actionid: id, reason: 'by Dana', senttime: time },
  acknowledgement: { of: 'result', id, outcome: 'refused', reason: 'another agent was asked' },
  hello: { session: id, time, agent, held: [id] },
  heartbeat: { session: id, time, running: 1, spooled: 0, agent },
  presence: { online: true, session: id, time },
  result: {
    commandid: id,
    actionid: id,
    status: 'success',
    results: [result],
    refusals: [{ operation: 0, code: 'ACL_NO_PERMISSION', message: 'm' }],
    starttime: time,
    finishtime: time,
  },
  alert: { id, module: 'fswatch', time, message: 'changed', fields: { path: '/etc/passwd' } },
};
const kinds = Object.keys(messageKinds) as MessageKind[];
const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

describe('messages', () => {
  test.each(kinds)('%s is read back as it was written', (kind) => {
    expect(decodeMessage(kind, encodeMessage(kind, samples[kind]))).toEqual(samples[kind]);
  });

  test.each(kinds)('%s may have keys of a newer version, which are ignored', (kind) => {
    expect(decodeMessage(kind, bytes({ ...samples[kind], tomorrow: 1 }))).toEqual(samples[kind]);
  });

  test.each(kinds)('%s is refused without any one of its keys, unless that is optional', (kind) => {
    const optional = { acknowledgement: 'reason', heartbeat: 'agent' } as Readonly<Record<string, string>>;
    for (const key of Object.keys(samples[kind])) {
      const { [key as never]: _, ...rest } = samples[kind];
      if (optional[kind] === key) expect(decodeMessage(kind, bytes(rest))).toEqual(rest);
      else expect(() => decodeMessage(kind, bytes(rest))).toThrow(new RegExp(`^message ${kind}: ${key}: expected `));
    }
  });

  test.each(kinds)('%s is refused when it is too large, when it is written and when it is read', (kind) => {
    const limit = messageKinds[kind].longestBytes;
    const large = { ...samples[kind], reason: 'x'.repeat(limit), padding: 'x'.repeat(limit) };

    expect(() => encodeMessage(kind, large)).toThrow(`expected at most ${limit}`);
    expect(() => decodeMessage(kind, new Uint8Array(limit + 1))).toThrow(`expected at most ${limit}`);
  });

  test.each([
    ['', /^message result: Unexpected end/],
    ['null', /^message result: expected an object, got null$/],
    ['['.repeat(100_000), /nests deeper than 256/],
    [{ ...samples.result, status: 'sent' }, /status: expected one of 'success', .*, got 'sent'/],
    [{ ...samples.result, status: 'destroyed' }, /got 'destroyed'/],
    [{ ...samples.result, commandid: '../../etc' }, /commandid: expected a UUID/],
    [{ ...samples.result, starttime: '0000-01-01T00:00:00Z' }, /starttime: expected a time of year 1 or later/],
    [{ ...samples.result, finishtime: '2026-01-01T00:00:00-16:00' }, /finishtime: .*an offset below 16 hours/],
    [{ ...samples.result, results: Array(101).fill(result) }, /results: expected at most 100 of them/],
    [{ ...samples.result, results: [{ ...result, success: 'yes' }] }, /results\[0\]\.success: expected true or false/],
  ])('refuses a result such as %j', (value, message) => {
    expect(() => decodeMessage('result', bytes(value))).toThrow(message);
  });

  test('bytes that are not UTF-8 are refused', () => {
    expect(() => decodeMessage('presence', new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow(/^message presence: /);
  });

  test('no text that PostgreSQL cannot store comes out of a message, in keys or values, and the rest is unchanged', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\0', '\ud800', '\udc00x', '😀', '\\u0000', 'a\0b\\'),
    );
    fc.assert(
      fc.property(fc.dictionary(text, fc.array(text)), (elements) => {
        const sent = { ...samples.result, results: [{ ...result, elements }] };

        const read = decodeMessage('result', bytes(sent)).results?.[0]?.elements as typeof elements;

        const clean = (part: string) => Buffer.from(part.replaceAll('\0', '\uFFFD')).toString();
        expect(read).toEqual(
          Object.fromEntries(Object.entries(elements).map(([key, values]) => [clean(key), values.map(clean)])),
        );
      }),
    );
  });

  test('systems and processors have the names that targets use', () => {
    expect(['linux', 'win32', 'darwin'].map(operatingSystemName)).toEqual(['linux', 'windows', 'darwin']);
    expect(['x64', 'ia32', 'arm64'].map(architectureName)).toEqual(['amd64', '386', 'arm64']);
  });
});
