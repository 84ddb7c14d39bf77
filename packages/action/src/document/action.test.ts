import { describe, expect, test } from 'vitest';
import { timeOfUuid } from '../identifiers/uuid.ts';
import { encodeAction, parseAction } from './action.ts';
import { type ActionInput, createAction } from './create-action.ts';

const now = new Date('2026-03-01T12:00:00Z');
const input: ActionInput = {
  fleet: 'lab',
  name: 'find passwd',
  target: "environment->>'os'='linux'",
  operations: [{ module: 'file', parameters: { searches: { s1: { paths: ['/etc'], names: ['^passwd$'] } } } }],
};
const signed = (changes: object) => JSON.stringify({ ...createAction(input, now), ...changes });

describe('createAction', () => {
  test('fills in a new id, a window that allows for slow clocks, and the version', () => {
    const action = createAction(input, now);

    expect(action).toEqual({
      ...input,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      validfrom: '2026-03-01T11:59:00.000Z',
      expireafter: '2026-03-01T12:05:00.000Z',
      syntaxversion: 2,
    });
    expect(timeOfUuid(action.id)).toBe(now.getTime());
    expect(createAction(input, now).id).not.toBe(action.id);
  });

  test('takes the expiration from the start when that lies ahead', () => {
    const action = createAction({ ...input, validfrom: '2026-03-02T00:00:00+01:00', expiration: '1h30m' }, now);

    expect(action).toMatchObject({
      validfrom: '2026-03-02T00:00:00+01:00',
      expireafter: '2026-03-02T00:30:00.000Z',
    });
  });

  test('lets an expiration win over the times of an old file', () => {
    const times = { validfrom: '2025-01-01T00:00:00Z', expireafter: '2025-01-01T00:05:00Z' };

    expect(createAction({ ...input, ...times, expiration: '5m', validfrom: undefined }, now).expireafter).toBe(
      '2026-03-01T12:05:00.000Z',
    );
    expect(() => createAction({ ...input, ...times }, now)).toThrow(
      'action is valid from 2025-01-01T00:00:00Z to 2025-01-01T00:05:00Z: it is over already, at 2026-03-01T12:00:00.000Z',
    );
  });

  test.each<[string, Partial<ActionInput>, string]>([
    ['an expiration without a unit', { expiration: '5' }, "expiration is '5', expected a duration such as"],
    ['a negative expiration', { expiration: '-5m' }, "expiration is '-5m', expected a duration such as"],
    ['an expiration beyond the calendar', { expiration: '99999999999999h' }, "expiration is '99999999999999h'"],
    ['an expiration of years', { expiration: '9000h' }, 'it is longer than 366 days'],
    ['a window that ends before it begins', { expireafter: '2026-03-01T11:00:00Z' }, 'it ends before it begins'],
    ['a time that is none', { validfrom: 'tomorrow' }, "validfrom: expected a time such as '2026-03-01T12:00:00Z'"],
    ['a day that is none', { validfrom: '2026-02-30T00:00:00Z' }, 'validfrom: expected a time such as'],
    ['a fleet with a wildcard', { fleet: 'lab/#' }, "fleet: expected a fleet's name"],
    ['a target without text', { target: '' }, 'target: expected at least 1 characters'],
    ['a name that PostgreSQL cannot store', { name: 'a\0b' }, 'a string holds NUL'],
    ['a target with half a character', { target: 'a\ud800' }, 'a string holds NUL or half a surrogate pair'],
    [
      'parameters that are a list',
      { operations: [{ module: 'file', parameters: [] as never }] },
      'operations[0].parameters: expected an object, got a list of 0',
    ],
    [
      'more parameters than fit',
      { operations: [{ module: 'file', parameters: { rules: 'x'.repeat(4 * 1024 * 1024) } }] },
      'bytes, expected at most 4194304',
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(() => createAction({ ...input, ...changes }, now)).toThrow(message);
  });
});

describe('parseAction', () => {
  test('reads back what encodeAction wrote, in the documented order', () => {
    const action = createAction({ ...input, threat: { level: 'high' }, description: { author: 'Dana' } }, now);
    const bytes = encodeAction(action);

    expect(parseAction(bytes)).toEqual(action);
    expect(Object.keys(JSON.parse(new TextDecoder().decode(bytes)) as object)).toEqual([
      'id',
      'fleet',
      'name',
      'target',
      'validfrom',
      'expireafter',
      'operations',
      'description',
      'threat',
      'syntaxversion',
    ]);
  });

  test.each([
    ['a key that the agent would not read', signed({ note: 'x' }), /^action: unknown key 'note'$/],
    ['an id of another kind', signed({ id: 17 }), /^action: id: expected a text, got 17$/],
    ['an id in upper case', signed({ id: '01909B4E-7D2A-7C3E-9A40-5B0F1A2B3C4D' }), /UUID of version 7 in lower case/],
    ['another version', signed({ syntaxversion: 3 }), /^action has syntaxversion 3, expected 2$/],
    ['no version', signed({ syntaxversion: undefined }), /^action: syntaxversion: expected 2, got nothing$/],
    ['an empty window', signed({ validfrom: '2026-03-01T12:05:00.000Z' }), /it ends before it begins/],
    [
      'a hundred and one operations',
      signed({ operations: Array(101).fill(input.operations[0]) }),
      /at most 100 of them/,
    ],
    ['a byte order mark', `\uFEFF${signed({})}`, /^action is not JSON/],
    [
      'the same key twice',
      signed({}).replace('{', '{"name":"harmless",'),
      /the key 'name' is there twice in one object/,
    ],
    [
      'the same key twice, once escaped, deep inside',
      signed({}).replace('"paths"', '"\\u0070aths" : ["/"], "paths"'),
      /the key 'paths' is there twice in one object/,
    ],
    ['a key that names the prototype', signed({}).replace('{"searches"', '{"__proto__":{},"searches"'), /'__proto__'/],
    [
      'a whole number that doubles skip',
      signed({}).replace('{"searches"', '{"n":9007199254740993,"searches"'),
      /9007199254740993/,
    ],
    [
      'a number that no double holds',
      signed({}).replace('{"searches"', '{"n":-1e999,"searches"'),
      /-1e999 is not the same/,
    ],
    [
      'a time that PostgreSQL cannot read',
      signed({ validfrom: `2026-03-01T12:00:00.${'0'.repeat(60)}Z` }),
      /validfrom: /,
    ],
    ['deep nesting', signed({}).replace('["/etc"]', '['.repeat(70) + ']'.repeat(70)), /nests deeper than 64/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseAction(text)).toThrow(message);
  });

  test('takes every other number, and digits within strings', () => {
    const operations = [
      {
        module: 'file',
        parameters: { n: [2 ** 53 - 1, 1 - 2 ** 53, 1e300, 0.1, -0.5e-7], text: '9007199254740993 1e999' },
      },
    ];

    expect(parseAction(signed({ operations })).operations).toEqual(operations);
  });

  test('takes equal keys in different objects, and braces and quotes inside strings', () => {
    const operations = [
      { module: 'file', parameters: { a: { x: '{"a":"\\"' }, b: { x: ':' }, x: ['x', ':'] } },
      { module: 'file', parameters: { 'a"b': 1, 'a\\': 2 } },
    ];

    expect(parseAction(JSON.stringify({ ...createAction(input, now), operations }, null, 2)).operations).toEqual(
      operations,
    );
  });
});
