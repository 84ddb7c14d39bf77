import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sample } from '../testing/sample-module.ts';
import { type AnyModule, defineModule } from './define-module.ts';
import { decodeMessage, encodeMessage } from './messages.ts';
import { printable, printResults } from './print-results.ts';
import { createLazyRegistry, createRegistry } from './registry.ts';
import { encodeResult, failure } from './result.ts';
import { validateParameters } from './validation.ts';

describe('encodeResult', () => {
  test('writes the keys in the order of the contract, and null for no errors', () => {
    const result = {
      errors: [],
      statistics: { count: 0 },
      elements: { words: [] },
      success: true,
      foundanything: false,
    };
    expect(encodeResult(result)).toBe(
      '{"foundanything":false,"success":true,"elements":{"words":[]},"statistics":{"count":0},"errors":null}',
    );
    expect(encodeResult(failure('why'))).toBe(
      '{"foundanything":false,"success":false,"elements":null,"statistics":null,"errors":["why"]}',
    );
  });

  test('is one line, whatever the text', () => {
    expect(encodeResult(failure('a\nb\u2028c'))).not.toContain('\n');
  });
});

describe('messages', () => {
  test('are read back as they were written', () => {
    const messages = [
      { class: 'parameters', parameters: { a: 1 } },
      { class: 'stop' },
      { class: 'ping' },
      { class: 'log', parameters: { message: 'm' } },
      { class: 'register', parameters: { sockpath: '/run/x' } },
      { class: 'config', parameters: { config: { interval: '5s' }, hostname: 'h', environment: {}, tags: {} } },
      { class: 'alert', parameters: { message: 'm', fields: { path: '/etc' } } },
      { class: 'alert', parameters: { message: 'm', id: 'a-7', number: 7, again: true, dropped: 2 } },
      { class: 'ack', parameters: { number: 7 } },
    ] as const;
    for (const message of messages) expect(decodeMessage(encodeMessage(message).trimEnd())).toEqual(message);
  });

  test('that are not whole are refused with what is missing or wrong', () => {
    expect(() => decodeMessage('{"class":"config"}')).toThrow(
      `expected a message of class config that is whole: 'parameters': expected an object, got nothing, in '{"class":"config"}'`,
    );
    expect(() => decodeMessage('{"class":"ack","parameters":{"number":0}}')).toThrow(
      "class ack that is whole: 'parameters.number': expected more than 0, got 0, in",
    );
  });

  test.each(['', 'x', '{}', '[]', 'null', '1', '{"class":"other"}', '{"class":["log"]}'])(
    '%j is none, and the error shows one',
    (line) => {
      expect(() => decodeMessage(line)).toThrow(/expected one JSON message on a line, such as \{"class":"parameters"/);
    },
  );
});

describe('createRegistry', () => {
  test('refuses two modules of one name', () => {
    expect(() => createRegistry([sample, sample])).toThrow('module sample is registered twice');
  });

  test('names the modules there are when one is unknown', () => {
    expect(() => createRegistry([sample]).get('nosuch')).toThrow(
      "no module is called 'nosuch': expected one of sample",
    );
  });
});

describe('createLazyRegistry', () => {
  test('declares a module when it is asked for, and no other', () => {
    const declared: string[] = [];
    const declare = (module: AnyModule) => () => {
      declared.push(module.name);
      return module;
    };
    const registry = createLazyRegistry({ sample: declare(sample), other: declare({ ...sample, name: 'other' }) });
    expect(registry.find('nosuch')).toBeUndefined();
    expect(() => registry.get('nosuch')).toThrow('expected one of other, sample');
    expect(declared).toEqual([]);
    expect(registry.get('sample')).toBe(sample);
    expect(declared).toEqual(['sample']);
    expect(registry.modules.map(({ name }) => name)).toEqual(['other', 'sample']);
  });

  test('says of a module that cannot be declared which it is, and lets the others be', () => {
    const broken = () => JSON.parse('{') as AnyModule;
    const registry = createLazyRegistry({ broken, sample: () => sample });
    expect(() => registry.find('broken')).toThrow(/^module broken cannot be declared: .*JSON/);
    expect(registry.get('sample')).toBe(sample);
  });

  test('refuses a module under another name', () => {
    expect(() => createLazyRegistry({ other: () => sample }).find('other')).toThrow('sample is registered as other');
  });
});

describe('defineModule', () => {
  const { examples } = sample;
  test.each([
    [{ name: 'Bad Name' }, /module name/],
    [{ summary: 'no sentence' }, /a summary that is a sentence/],
    [{ platforms: [] }, /at least one platform/],
    [{ examples: [examples[0]!] }, /two or more examples/],
  ])('refuses a declaration with %j', (change, message) => {
    expect(() => defineModule({ ...sample, ...change })).toThrow(message);
  });
});

describe('validateParameters', () => {
  test('fills in defaults', () => {
    expect(validateParameters(sample, {})).toEqual({
      does: 'answer',
      words: [],
      loud: false,
      options: { deep: false, order: 'up' },
    });
  });

  test.each<[unknown, string]>([
    [{ word: 'x' }, "parameters: unknown key 'word', expected only the documented ones"],
    [{ words: 'x' }, "parameter 'words': expected a list, got 'x'"],
    [{ words: ['a', 5] }, "parameter 'words[1]': expected a text, got 5"],
    [{ level: 10 }, "parameter 'level': expected at most 9, got 10"],
    [{ level: 1.5 }, "parameter 'level': expected a whole number, got 1.5"],
    [{ does: 'dance' }, /^parameter 'does': expected one of 'answer', .*, got 'dance'$/ as unknown as string],
    [{ options: { deep: 1 } }, "parameter 'options.deep': expected true or false, got 1"],
    [{ level: 'x', loud: 'y' }, "parameter 'level': expected a number, got 'x' (and 1 more problem)"],
    [null, 'parameters: expected an object, got null'],
    ['x', "parameters: expected an object, got 'x'"],
    [[], 'parameters: expected an object, got []'],
  ])('refuses %j by name, value and expectation', (input, message) => {
    expect(() => validateParameters(sample, input)).toThrow(message);
  });
});

describe('printResults', () => {
  test('adds errors and statistics unless only matches are asked for', () => {
    const result = {
      foundanything: true,
      success: true,
      elements: { words: ['a'] },
      statistics: { count: 1 },
      errors: ['soft'],
    };
    expect(printResults(sample, result, true)).toEqual(['words: a']);
    expect(printResults(sample, result)).toEqual(['words: a', 'error: soft', 'stat: count: 1']);
  });

  test('prints a result that does not fit as JSON rather than not at all', () => {
    const result = { foundanything: true, success: true, elements: { newer: 1 }, statistics: null, errors: null };
    expect(printResults(sample, result)).toEqual(['elements: {"newer":1}']);
  });

  test('keeps control characters from the terminal', () => {
    expect(printable('a\u001b[31mb\nc\u202ed')).toBe('a\\x1b[31mb\\x0ac\\u202ed');
  });
});

test('a schema without object is refused as a flag layout only where flags are read', () => {
  const module = defineModule({
    ...sample,
    name: 'odd',
    parameters: z.string(),
    flags: { schema: z.strictObject({}), wrap: () => 'x' },
  } as never);
  expect(validateParameters(module, 'x')).toBe('x');
});
