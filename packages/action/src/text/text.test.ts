import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { formatExpiration, parseExpiration } from './duration.ts';
import { parseJsonDocument, parseSignedDocument } from './json-document.ts';

describe('base64', () => {
  test('is written and read as Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64(bytes);

        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(decodeBase64(text)).toEqual(bytes);
        expect(decodeBase64(text.replaceAll('+', '-').replaceAll('/', '_'))).toEqual(bytes);
      }),
    );
  });

  test('has one reading: what is read is what would be written', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQZ9+/=-_ \n'), maxLength: 9 }), (text) => {
        const bytes = decodeBase64(text);
        if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(text.replaceAll('-', '+').replaceAll('_', '/'));
      }),
      { numRuns: 2000 },
    );
    expect(decodeBase64('+_==')).toBeUndefined();
  });

  test('takes payloads of the largest size', () => {
    const bytes = new Uint8Array(4 * 1024 * 1024 + 1).fill(0xfb);

    expect(decodeBase64(encodeBase64(bytes))?.length).toBe(bytes.length);
  });
});

describe('expirations', () => {
  test.each([
    ['300ms', 300],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['2us', 0.002],
    ['7d', 604_800_000],
    ['1d12h', 129_600_000],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseExpiration(text)).toBeCloseTo(milliseconds, 9);
  });

  test.each(['', '5', 'm', '5 m', '-5m', '+5m', '5w', '5D', '1h30', '5m\n', `${'1'.repeat(70)}h`])(
    '%j is none',
    (text) => {
      expect(() => parseExpiration(text)).toThrow('expected a duration such as');
    },
  );

  test('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 400 * 24 * 3600 * 1000 }), (milliseconds) => {
        expect(parseExpiration(formatExpiration(milliseconds))).toBeCloseTo(milliseconds, 3);
      }),
    );
    expect([5_400_000, 300_000, 90_000, 1500, 300, 0].map(formatExpiration)).toEqual([
      '1h30m',
      '5m',
      '1m30s',
      '1.5s',
      '300ms',
      '0ms',
    ]);
  });
});

describe('a JSON document', () => {
  test('is read as JSON.parse does, when no key is there twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        if (text.includes('__proto__')) return;
        expect(parseJsonDocument(text, 'text', 1e6)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('with the same key twice is refused, wherever that is and however it is written', () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(key, fc.jsonValue(), fc.constantFrom('', ' ', '\n'), (name, value, space) => {
        const escaped = [...name].map((_, i) => `\\u${name.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
        fc.pre([...name].length === name.length);
        const inner = JSON.stringify(value);
        fc.pre(!inner.includes('__proto__'));
        const text = `[{"a${escaped}"${space}:${inner},"b":{"a${escaped}":0},"a${escaped}"${space}:1}]`;

        expect(() => parseJsonDocument(text, 'text', 1e6)).toThrow('is there twice in one object');
      }),
    );
  });

  test('that is signed has no whole number that another reader takes for another', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
        fc.constantFrom(['', ''], ['"', '"']),
        (number, [a, b]) => {
          const text = `{"a":[${a}${number}${b}]}`;
          const isExact = a !== '' || Number.isSafeInteger(Number(number));
          if (isExact) expect(parseSignedDocument(text, 'text', 1e6)).toEqual(JSON.parse(text));
          else expect(() => parseSignedDocument(text, 'text', 1e6)).toThrow(`the number ${number} is not the same`);
        },
      ),
    );
  });

  test('of the largest size is read, with one long string as well as with many keys', () => {
    const limit = 4 * 1024 * 1024;
    const long = JSON.stringify(['\n'.repeat(limit / 2 - 10)]);
    const many = `{${[...Array(300_000).keys()].map((i) => `"k${i}":1`).join(',')}}`;

    expect(parseJsonDocument(long, 'text', limit)).toHaveLength(1);
    expect(Object.keys(parseJsonDocument(many, 'text', limit) as object)).toHaveLength(300_000);
    expect(() => parseJsonDocument(`${long}${' '.repeat(100)}`, 'text', limit)).toThrow('expected at most 4194304');
  });
});
