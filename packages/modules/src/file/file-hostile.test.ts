import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@mig/module/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Elements, file } from './file.ts';
import { Options, Search } from './file-parameters.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mig-hostile-'));
});
afterEach(() => {
  // Deeper than a path can say: rm goes down step by step.
  execFileSync('rm', ['-rf', root]);
});

const at = (...names: string[]) => join(root, ...names);
const names = (elements: unknown) =>
  (elements as Elements)['s1']!.map(({ file: path }) => path.replace(`${root}/`, ''));
const search = (one: object, options: object = {}) =>
  run(file, { searches: { s1: { paths: [root], ...one, options: { matchall: true, ...options } } } });

test('loops of links, sockets and FIFOs neither hold a search up nor are they opened', async () => {
  mkdirSync(at('a/b'), { recursive: true });
  writeFileSync(at('a/b/file'), 'needle\n');
  symlinkSync('../..', at('a/b/up'));
  symlinkSync('y', at('x'));
  symlinkSync('x', at('y'));
  symlinkSync('/dev/zero', at('zero'));
  execFileSync('mkfifo', [at('fifo')]);
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  const result = await search({ contents: ['needle'] });
  const special = await search({ modes: ['^[pS]'] });
  await new Promise((resolve) => server.close(resolve));
  expect([names(result.elements), result.errors]).toEqual([['a/b/file'], null]);
  expect(names(special.elements)).toEqual(['fifo', 'socket']);
});

test('directories deeper than a path can say end in a soft error that names the last one', async () => {
  const script = 'cd "$1"; i=0; while [ $i -lt 60 ]; do mkdir "$2"; cd -P "$2"; echo needle > file; i=$((i+1)); done';
  execFileSync('bash', ['-c', script, 'bash', root, 'd'.repeat(200)]);
  const result = await search({ contents: ['needle'] });
  const reached = Math.floor((4095 - root.length - '/file'.length) / 201);
  expect(names(result.elements)).toHaveLength(reached);
  expect(result.errors).toHaveLength(1);
  expect(result.errors![0]).toMatch(/^\/.*d{200}(\/d{200})*: ENAMETOOLONG: name too long$/);
});

test('names that try to be something else stay names', async () => {
  const tricky = [
    'new\nline',
    '\u001b[31mred',
    '-rf',
    ' ',
    '"',
    "'; rm -rf ~",
    '\\xff',
    '%s',
    '..\u200b',
    'ü',
    'a'.repeat(255),
  ];
  for (const name of tricky) writeFileSync(at(name), 'needle\n');
  for (const byte of [0x80, 0xff])
    writeFileSync(Buffer.concat([Buffer.from(at('b')), Buffer.from([byte])]), 'needle\n');
  const result = await search({ contents: ['needle'] });
  const expected = [...tricky.map((name) => name.replace('\\x', '\\x5cx')), 'b\\x80', 'b\\xff'].sort();
  expect([names(result.elements), result.errors]).toEqual([expected, null]);
});

test('a path of bytes that would be too long to return once they are written out is shortened', async () => {
  const name = Buffer.alloc(250, 0xff);
  let path = Buffer.from(root);
  for (let depth = 0; depth < 14; depth++) {
    path = Buffer.concat([path, Buffer.from('/'), name]);
    mkdirSync(path);
  }
  writeFileSync(Buffer.concat([path, Buffer.from('/last')]), 'needle\n');
  const result = await search({ contents: ['needle'] });
  expect(names(result.elements)).toHaveLength(1);
  expect(names(result.elements)[0]).toMatch(/^(\\xff|\/)+.*….*\/last$/);
});

test('files that come and go are looked at when they are there, and the search ends', async () => {
  writeFileSync(at('stays'), 'needle\n');
  const script = 'cd "$1"; while :; do mkdir d; echo x > d/a; echo x > b; mv b c; rm -r d c; ln -s stays l; rm l; done';
  const writer = spawn('sh', ['-c', script, 'sh', root], { stdio: 'ignore' });
  try {
    for (let i = 0; i < 100; i++) {
      const result = await search({ contents: ['needle'], sizes: ['>1'] });
      expect([result.success, names(result.elements).filter((name) => name !== 'l')]).toEqual([true, ['stays']]);
      for (const error of result.errors ?? []) expect(error).toMatch(/ENOENT|ESTALE|ELOOP|ENOTDIR|changed/);
    }
  } finally {
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    writer.kill('SIGKILL');
    await ended;
  }
});

describe('lines', () => {
  test('of a megabyte and more are searched like any other, also across reads', async () => {
    const long = 'x'.repeat(1_000_000);
    writeFileSync(at('middle'), `${long}\n${long}needle${long}\n${long}`);
    writeFileSync(at('split'), `${long}need\nle${long}`);
    writeFileSync(at('only'), `${'y'.repeat(30_000_000)}needle`);
    expect(names((await search({ contents: ['needle'] })).elements)).toEqual(['middle', 'only']);
    expect(names((await search({ contents: ['needle$'] })).elements)).toEqual(['only']);
    expect(names((await search({ contents: ['^x+needle'] })).elements)).toEqual(['middle']);
    expect(names((await search({ contents: ['^[xy]*(needle)?$'] }, { macroal: true })).elements)).toEqual(['only']);
  });

  test.each([
    '(a+)+$',
    '(a|aa)+$',
    '(?i)(x+x+)+y',
    '.*=.*;',
    '[a-z0-9._]+@[a-z]',
    '(.*)(.*)(.*)(.*)(.*)z',
    '(?:a?){1000}b',
    '(a{0,50}){0,19}c',
    '((((a*)*)*)*)*b',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(\\pL|\\d)*[^\\pL]{30}!',
  ])('%s takes time in proportion to the file', async (pattern) => {
    writeFileSync(at('a'), `${'a'.repeat(2_000_000)}!`);
    writeFileSync(at('x'), `${'x'.repeat(2_000_000)}!\n${'=;='.repeat(300_000)}`);
    const { success, errors } = await search({ names: [pattern, '!'], contents: [pattern] }, { matchall: false });
    expect([success, errors]).toEqual([true, null]);
  });
});

test('a thousand patterns are one pass', async () => {
  writeFileSync(at('f'), `${'some words and more of them\n'.repeat(100_000)}secret777x\n`);
  const contents = Array.from({ length: 1000 }, (_, number) => `secret${number}[a-z]`);
  const result = await search({ contents }, { matchall: false });
  expect((result.elements as Elements)['s1']!.map((hit) => hit.search.contents)).toEqual([['secret777[a-z]']]);
});

test('whatever the parameters, there is one result that obeys the rules', async () => {
  writeFileSync(at('f'), 'x\n');
  const text = fc.oneof(fc.string(), fc.constantFrom('!', '(', '<5', '>5d', '\\', '[', 'x', '^$', '0'.repeat(64)));
  const value = fc.oneof(fc.jsonValue(), fc.array(text), text, fc.integer(), fc.constant(['x']));
  const fields = [...Object.keys(Search.shape), 'nosuch'].filter((field) => field !== 'paths' && field !== 'options');
  const record = (keys: readonly string[]) => fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 });
  // Paths stay in this folder, or are no paths at all.
  const paths = fc.oneof(
    { weight: 8, arbitrary: fc.constant([root]) },
    fc.constantFrom([], '', 5, null, [''], ['\0'], [[]]),
  );
  const one = fc.record({ paths, rest: record(fields), options: fc.oneof(record(Object.keys(Options.shape)), value) });
  const searches = fc.dictionary(fc.string({ maxLength: 70 }), one, { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const asked = Object.entries(given).map(([label, { paths: of, rest, options }]) => [
        label,
        { ...rest, paths: of, options },
      ]);
      const result = await run(file, { searches: Object.fromEntries(asked) });
      if (!result.success) expect(result.errors![0]).toMatch(/^parameter/);
    }),
    { numRuns: 400 },
  );
});
