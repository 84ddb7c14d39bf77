import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@mig/module/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Elements, scribe } from './scribe.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-scribe-'));
  mkdirSync(join(root, 'a/b'), { recursive: true });
  write('django/__init__.py', '# -*- coding -*-\nVERSION = (1, 4, 2, "final")\nVERSION_MORE = 1\n');
  write('a/version', 'major = 1\nminor = 10\r\n');
  write('a/b/version', 'major = 2\nminor = 0');
  write('a/file-1.2.3.txt', 'test\n');
  write('a/file-1.5.0.txt', 'nothing\n');
  write('sshd_config', '#PermitRootLogin yes\nPermitRootLogin no\n');
  write('big', `${'x'.repeat(3_000_000)} needle = far\nneedle = near\n`);
  write('many', 'value = 1\n'.repeat(10_001));
});
afterAll(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Evaluates tests of one object; gives of each the identifiers that it is true of, below the folder. */
async function trueOf(object: object, ...tests: object[]) {
  const named = tests.map((one, i) => ({ test: `t${i}`, object: 'o', ...one }));
  const scribedoc = { variables: [{ key: 'root', value: root }], objects: [{ object: 'o', ...object }], tests: named };
  const result = await run(scribe, { scribedoc });
  const { results } = result.elements as Elements;
  const below = (path: string) => path.replace(`${root}/`, '');
  return {
    errors: result.errors,
    results,
    found: results.map((one) =>
      one.results.filter(({ result: isTrue }) => isTrue).map(({ identifier }) => below(identifier)),
    ),
  };
}

test('filecontent gives the groups of lines, joined to a version', async () => {
  const object = {
    filecontent: {
      path: '${root}',
      file: '__init__\\.py',
      expression: '^VERSION = \\((\\S+), (\\S+), (\\S+),',
      concat: '.',
    },
  };
  const { found } = await trueOf(
    object,
    { evr: { operation: '<', value: '1.4.5' } },
    { exactmatch: { value: '1.4.2' } },
    { evr: { operation: '>', value: '1.4.5' } },
  );
  expect(found).toEqual([['django/__init__.py'], ['django/__init__.py'], []]);
});

test('filecontent gives each group of each line by itself without concat, and joins lines with it', async () => {
  const source = { path: '${root}/a', file: '^version$', expression: '^(?:major|minor) = (\\d+)$' };
  const each = await trueOf({ filecontent: source }, {}, { exactmatch: { value: '10' } });
  expect(each.found).toEqual([['a/b/version', 'a/b/version', 'a/version', 'a/version'], ['a/version']]);
  const joined = await trueOf({ filecontent: { ...source, concat: '.' } }, {}, { evr: { operation: '<', value: '2' } });
  expect(joined.found).toEqual([['a/b/version', 'a/version'], ['a/version']]);
});

test('filecontent without a group gives the match itself', async () => {
  const object = { filecontent: { path: '${root}/sshd_config', file: '.', expression: '^PermitRootLogin\\s+\\w+' } };
  const { found } = await trueOf(object, { regexp: { value: 'no$' } }, { regexp: { value: '#' } });
  expect(found).toEqual([['sshd_config'], []]);
});

test('filename gives the first group of a name', async () => {
  const object = { filename: { path: '${root}', file: '^file-([0-9.]+)\\.txt$' } };
  const { found } = await trueOf(object, { evr: { operation: '<', value: '1.3' } }, {});
  expect(found).toEqual([['a/file-1.2.3.txt'], ['a/file-1.2.3.txt', 'a/file-1.5.0.txt']]);
});

test('hasline says of each file whether it has the line, as grep does', async () => {
  const object = { hasline: { path: '${root}', file: '\\.txt$', expression: '.*test.*' } };
  const { found } = await trueOf(object, { exactmatch: { value: 'true' } }, { exactmatch: { value: 'false' } });
  const grep = (flag: string) =>
    execFileSync('grep', ['-r', flag, '--include=*.txt', 'test', '.'], { cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((path) => path.replace('./', ''));
  expect(found).toEqual([grep('-l').sort(), grep('-L').sort()]);
});

test('lines that end as on Windows are lines without their ends, for values and for the question whether they are there', async () => {
  write('crlf', 'PermitRootLogin no\r\nPort = 22\r\n');
  write('lf', 'PermitRootLogin no\nPort = 22\n');
  for (const file of ['^crlf$', '^lf$']) {
    const values = { filecontent: { path: '${root}', file, expression: '^Port = (\\d+)$' } };
    const { found } = await trueOf(values, { exactmatch: { value: '22' } });
    expect(found).toEqual([[file.slice(1, -1)]]);
    const line = (expression: string) => ({ hasline: { path: '${root}', file, expression } });
    const isTrue = { exactmatch: { value: 'true' } };
    expect((await trueOf(line('^PermitRootLogin no$'), isTrue)).found).toEqual([[file.slice(1, -1)]]);
    expect((await trueOf(line('^PermitRootLogin yes$'), isTrue)).found).toEqual([[]]);
  }
});

test('an object is looked for under the link that leads to it, and a folder that is not there is a soft error', async () => {
  symlinkSync(join(root, 'a/version'), join(root, 'link-to-version'));
  const linked = await trueOf(
    { hasline: { path: '${root}', file: '^link-to', expression: 'major' } },
    { exactmatch: { value: 'true' } },
  );
  expect(linked.found).toEqual([['link-to-version']]);
  const gone = await trueOf({ filename: { path: '${root}/gone', file: '.' } }, {});
  expect(gone.found).toEqual([[]]);
  expect(gone.errors).toHaveLength(1);
  expect(gone.errors![0]).toContain('gone');
});

test('a line of megabytes is looked at from its start, and the next one as well', async () => {
  const object = { filecontent: { path: '${root}/big', file: '.', expression: 'needle = (\\w+)' } };
  const { found } = await trueOf(object, { exactmatch: { value: 'near' } }, { exactmatch: { value: 'far' } });
  expect(found).toEqual([['big'], []]);
});

test('too many values are an error of the tests that ask for them, and of those that wait for these', async () => {
  const scribedoc = {
    objects: [
      { object: 'many', filecontent: { path: join(root, 'many'), file: '.', expression: 'value = (\\d)' } },
      { object: 'one', filename: { path: root, file: '^many$' } },
    ],
    tests: [
      { test: 'all', object: 'many' },
      { test: 'after', object: 'one', if: ['all'] },
      { test: 'apart', object: 'one' },
      { test: 'expected', object: 'many', expecterror: true },
    ],
  };
  const result = await run(scribe, { scribedoc });
  const { results } = result.elements as Elements;
  expect(results.map(({ testid, iserror, masterresult }) => [testid, iserror, masterresult])).toEqual([
    ['all', true, false],
    ['after', true, false],
    ['apart', false, true],
    ['expected', true, false],
  ]);
  expect(result.errors).toEqual([
    "test 'all': object 'many': it has more than 10000 candidates: narrow its expression or its path",
    "test 'after': test 'all', which it waits for, failed",
  ]);
});

test('what stands in files is never returned', async () => {
  const { results, errors } = await trueOf(
    { filecontent: { path: '${root}', file: 'version', expression: '(m\\w+) = (\\d+)' } },
    {},
    { regexp: { value: '^m' } },
  );
  const text = JSON.stringify([results, errors]);
  for (const secret of ['major', 'minor']) expect(text).not.toContain(secret);
});
