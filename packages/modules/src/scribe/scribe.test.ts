import { execFileSync } from 'node:child_process';
import { printResults } from '@mig/module';
import { describeContract, run } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { type Elements, scribe, type TestResult } from './scribe.ts';

const policy = {
  objects: [{ object: 'bash', package: { name: 'bash' } }],
  tests: [{ test: 'bash is here', object: 'bash' }],
};

describeContract(scribe, { readText: () => JSON.stringify(policy) });

/** A document with one object and tests of it. */
function documentOf(object: object, ...tests: object[]): object {
  const named = tests.map((one, i) => ({ test: `t${i}`, object: 'o', ...one }));
  return { objects: [{ object: 'o', ...object }], tests: named };
}

async function evaluate(scribedoc: object, options: object = {}) {
  const result = await run(scribe, { scribedoc, ...options });
  const { results } = (result.elements ?? { results: [] }) as Elements;
  return { result, results };
}

const installed = (name: string) => execFileSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8' });

describe('packages', () => {
  test('are compared by version, as dpkg installed them', async () => {
    const version = installed('bash');
    const evrs = ['<', '<=', '=', '>=', '>'].map((operation) => ({ evr: { operation, value: version } }));
    const { results, result } = await evaluate(
      documentOf({ package: { name: 'bash' } }, ...evrs, { evr: { operation: '<', value: '999:0' } }),
    );
    expect(results.map(({ masterresult }) => masterresult)).toEqual([false, true, true, true, false, true]);
    expect(results[0]!.results).toEqual([{ result: false, identifier: 'bash' }]);
    expect(result.foundanything).toBe(true);
  });

  test('that are not installed are nothing that could be true', async () => {
    const { results, result } = await evaluate(
      documentOf({ package: { name: 'no-such-package' } }, {}, { evr: { operation: '>', value: '0' } }),
    );
    for (const one of results) expect(one).toMatchObject({ iserror: false, masterresult: false, results: [] });
    expect([result.foundanything, result.errors]).toEqual([false, null]);
  });

  test('are collected by a pattern on names', async () => {
    const lines = execFileSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n', 'lib*'], {
      encoding: 'utf8',
    });
    const expected = lines.split('\n').flatMap((line) => /^installed (libc\S*)$/.exec(line)?.[1] ?? []);
    const { results } = await evaluate(documentOf({ package: { name: 'c', collectmatch: '^libc' } }, {}));
    expect(results[0]!.results.map(({ identifier }) => identifier)).toEqual(expected.sort());
  });
});

describe('values that stand in the document', () => {
  const raw = {
    raw: {
      identifiers: [
        { identifier: 'a', value: 'VALUE' },
        { identifier: 'b', value: 'TEST' },
        { identifier: 'v', value: '1.10' },
      ],
    },
  };

  test('are judged by regexp, exact match, version, or not at all', async () => {
    const tests = [
      { regexp: { value: '^(VAL|TE)' } },
      { exactmatch: { value: 'TEST' } },
      { evr: { operation: '>', value: '1.9' } },
      {},
      { exactmatch: { value: 'test' } },
    ];
    const { results } = await evaluate(documentOf(raw, ...tests));
    const sub = results.map((one) => one.results.map(({ result }) => result));
    expect(sub.map((one) => one.map(Number).join(''))).toEqual(['110', '010', '001', '111', '000']);
    expect(results.map(({ masterresult }) => masterresult)).toEqual([true, true, true, true, false]);
  });
});

describe('tests that wait for others', () => {
  const yes = { object: 'yes', raw: { identifiers: [{ identifier: 'i', value: 'v' }] } };
  const no = { object: 'no', package: { name: 'no-such-package' } };

  test('are true only when all of those are, in whatever order they stand', async () => {
    const tests = [
      { test: 'all', object: 'yes', if: ['deep', 'plain'] },
      { test: 'deep', object: 'yes', if: ['plain'] },
      { test: 'plain', object: 'yes' },
      { test: 'some', object: 'yes', if: ['plain', 'never'] },
      { test: 'above', object: 'yes', if: ['some'] },
      { test: 'never', object: 'no' },
    ];
    const { results } = await evaluate({ objects: [yes, no], tests });
    const told = results.map(({ testid, masterresult, hastrueresults }) => [testid, masterresult, hastrueresults]);
    expect(told).toEqual([
      ['all', true, true],
      ['deep', true, true],
      ['plain', true, true],
      ['some', false, true],
      ['above', false, true],
      ['never', false, false],
    ]);
  });

  test('only true ones are returned when that is asked for', async () => {
    const tests = [
      { test: 'a', object: 'no' },
      { test: 'b', object: 'yes' },
    ];
    const { results } = await evaluate({ objects: [yes, no], tests }, { onlytrue: true });
    expect(results.map(({ testid }) => testid)).toEqual(['b']);
  });

  test('a chain of 5,000 is followed', async () => {
    const tests = Array.from({ length: 5000 }, (_, i) => ({
      test: `t${i}`,
      object: 'yes',
      if: i < 4999 ? [`t${i + 1}`] : [],
    }));
    const { results } = await evaluate({ objects: [yes], tests });
    expect(results.every(({ masterresult }) => masterresult)).toBe(true);
  });

  test('what is expected and does not come out is a soft error', async () => {
    const tests = [
      { test: 'a', object: 'yes', expectedresult: true },
      { test: 'b', object: 'yes', expectedresult: false },
      { test: 'c', object: 'no', expecterror: true },
    ];
    const { result } = await evaluate({ objects: [yes, no], tests });
    expect(result.errors).toEqual(["test 'b': expected false, got true", "test 'c': expected an error, got false"]);
  });
});

test('5,000 tests of packages take no list for each: all are evaluated, against dpkg itself', async () => {
  const names = execFileSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n'], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => /^installed (\S+)$/.exec(line)?.[1] ?? []);
  const objects = Array.from({ length: 5000 }, (_, i) => ({
    object: `o${i}`,
    package: { name: i < names.length ? names[i]! : `absent-${i}` },
  }));
  const tests = objects.map(({ object }, i) => ({ test: `t${i}`, object, evr: { operation: '>=', value: '0~~' } }));
  const { results } = await evaluate({ objects, tests });
  const expected = tests.map((_, i) => i < names.length);
  expect(results.map(({ hastrueresults }) => hastrueresults)).toEqual(expected);
});

test('a document as another program spells it out, with everything that is absent, is read', async () => {
  const empty = { filecontent: {}, filename: {}, hasline: {}, raw: {} };
  const scribedoc = {
    objects: [{ object: 'o', ...empty, package: { name: 'bash', collectmatch: '' } }],
    tests: [
      {
        test: 't',
        name: '',
        object: 'o',
        evr: { operation: '>', value: '0' },
        regexp: {},
        exactmatch: {},
        tags: [{ key: 'k', value: 'v' }],
      },
    ],
  };
  const { results } = await evaluate(scribedoc);
  expect(results).toEqual([
    {
      testid: 't',
      name: '',
      description: '',
      tags: [{ key: 'k', value: 'v' }],
      iserror: false,
      error: '',
      masterresult: true,
      hastrueresults: true,
      results: [{ result: true, identifier: 'bash' }],
    },
  ]);
});

const one: TestResult = {
  testid: 'id',
  name: 'A test',
  description: 'It tests.',
  tags: [{ key: 'k', value: 'v' }],
  iserror: false,
  error: '',
  masterresult: false,
  hastrueresults: true,
  results: [{ result: true, identifier: '/etc/x' }],
};

test('prints lines, or everything, or JSON', () => {
  const lines = (options: object, result: TestResult) =>
    printResults(
      scribe,
      {
        foundanything: true,
        success: true,
        elements: { results: [result], humanoutput: false, jsonoutput: false, ...options },
        statistics: { execruntime: '1ms' },
        errors: null,
      },
      true,
    );
  expect(lines({}, one)).toEqual([
    'master [false] name:"A test" id:"id" hastrue:true error:""',
    'sub [true] name:"A test" id:"id" identifier:"/etc/x"',
  ]);
  expect(lines({ humanoutput: true }, one)).toEqual([
    'result for "A test" (id)',
    '  description: It tests.',
    '  master result: false, it has true results, but not every test that it waits for',
    '  tag: k: v',
    '  [true] identifier: "/etc/x"',
  ]);
  expect(lines({ jsonoutput: true }, one)).toEqual([JSON.stringify(one)]);
  const failed = { ...one, name: '', iserror: true, error: 'why', results: [], hastrueresults: false };
  expect(lines({}, failed)).toEqual(['master [error] name:"id" id:"id" hastrue:false error:"why"']);
});

test('masks identifiers in privacy mode; the outcome stays', () => {
  const masked = scribe.enhancePrivacy!({ results: [one], humanoutput: false, jsonoutput: false });
  expect(masked.results).toEqual([{ ...one, results: [{ result: true, identifier: 'masked' }] }]);
});
