import { run } from '@mig/module/testing';
import { expect, test } from 'vitest';
import { scribe } from './scribe.ts';

const object = { object: 'o', raw: { identifiers: [{ identifier: 'i', value: 'v' }] } };
const plain = { test: 't', object: 'o' };

async function refusal(scribedoc: unknown): Promise<string> {
  const result = await run(scribe, { scribedoc });
  expect(result.success).toBe(false);
  return result.errors![0]!;
}

const cases: readonly (readonly [string, object, RegExp])[] = [
  ['no test', { objects: [object], tests: [] }, /'scribedoc\.tests': expected at least 1 of them/],
  [
    'an unknown key',
    { objects: [object], tests: [{ ...plain, iff: [] }] },
    /'scribedoc\.tests\[0\]': unknown key 'iff'/,
  ],
  [
    'a test without identifier',
    { objects: [object], tests: [{ object: 'o' }] },
    /tests\[0\]\.test': expected an identifier/,
  ],
  [
    'two tests of one name',
    { objects: [object], tests: [plain, plain] },
    /tests\[1\]\.test': expected an identifier that no other has, got 't'/,
  ],
  [
    'two objects of one name',
    { objects: [object, object], tests: [plain] },
    /objects\[1\]\.object': expected an identifier that no other has/,
  ],
  [
    'two variables of one name',
    {
      variables: [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ],
      objects: [object],
      tests: [plain],
    },
    /variables\[1\]\.key'/,
  ],
  [
    'an unknown object',
    { objects: [object], tests: [{ ...plain, object: 'p' }] },
    /tests\[0\]\.object': expected the identifier of an object, got 'p'/,
  ],
  [
    'an unknown test',
    { objects: [object], tests: [{ ...plain, if: ['u'] }] },
    /tests\[0\]\.if\[0\]': expected the identifier of a test, got 'u'/,
  ],
  [
    'an unknown variable',
    { objects: [{ object: 'o', filename: { path: '${x}/a', file: 'f' } }], tests: [plain] },
    /objects\[0\]\.filename\.path': expected the name of a variable in '\$\{x\}', got '\$\{x\}\/a'/,
  ],
  [
    'a cycle of variables',
    {
      variables: [
        { key: 'a', value: '${b}' },
        { key: 'b', value: '${a}' },
      ],
      objects: [object],
      tests: [plain],
    },
    /'scribedoc\.variables': expected no cycle of variables: a → b → a/,
  ],
  [
    'a test that waits for itself',
    { objects: [object], tests: [{ ...plain, if: ['t'] }] },
    /tests\[0\]\.if': expected no cycle of tests: t → t/,
  ],
  [
    'a cycle of tests',
    {
      objects: [object],
      tests: [
        { ...plain, test: 'a', if: ['b'] },
        { ...plain, test: 'b', if: ['c'] },
        { ...plain, test: 'c', if: ['a'] },
      ],
    },
    /expected no cycle of tests: a → b → c → a/,
  ],
  [
    'an object without source',
    { objects: [{ object: 'o' }], tests: [plain] },
    /objects\[0\]': expected exactly one of package, filecontent, filename, hasline and raw/,
  ],
  [
    'an object with two sources',
    { objects: [{ ...object, package: { name: 'x' } }], tests: [plain] },
    /not package and raw/,
  ],
  [
    'a source without path',
    { objects: [{ object: 'o', filename: { file: 'f' } }], tests: [plain] },
    /objects\[0\]\.filename\.path': expected a path, got nothing/,
  ],
  [
    'a source without expression',
    { objects: [{ object: 'o', hasline: { path: '/', file: 'f' } }], tests: [plain] },
    /hasline\.expression': expected a regular expression/,
  ],
  [
    'a wrong expression',
    { objects: [{ object: 'o', hasline: { path: '/', file: 'f', expression: '(a' } }], tests: [plain] },
    /hasline\.expression': expected a regular expression in RE2 syntax: .*position.*got '\(a'/,
  ],
  [
    'a wrong pattern of names',
    { objects: [{ object: 'o', package: { name: 'n', collectmatch: 'a**' } }], tests: [plain] },
    /package\.collectmatch': expected a regular expression/,
  ],
  [
    'a wrong regexp',
    { objects: [object], tests: [{ ...plain, regexp: { value: '(?=a)' } }] },
    /tests\[0\]\.regexp\.value': expected a regular expression/,
  ],
  [
    'two questions',
    { objects: [object], tests: [{ ...plain, regexp: { value: 'a' }, exactmatch: { value: 'b' } }] },
    /tests\[0\]': expected at most one of regexp and exactmatch/,
  ],
  [
    'an unknown operation',
    { objects: [object], tests: [{ ...plain, evr: { operation: '~', value: '1' } }] },
    /tests\[0\]\.evr\.operation': expected one of .*got '~'/,
  ],
  [
    'no operation',
    { objects: [object], tests: [{ ...plain, evr: { value: '1' } }] },
    /evr\.operation': expected one of < <= = >= >/,
  ],
  [
    'no version',
    { objects: [object], tests: [{ ...plain, evr: { operation: '<' } }] },
    /evr\.value': expected a version/,
  ],
];

for (const [title, scribedoc, expected] of cases) {
  test(`refuses a document with ${title}`, async () => {
    expect(await refusal(scribedoc)).toMatch(expected);
  });
}
