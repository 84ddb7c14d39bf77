import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { loadAction } from './action-file.ts';
import { createAction } from './create-action.ts';

const folder = join(import.meta.dirname, 'testdata/action-files');
const read = (name: string) => readFileSync(join(folder, name));
const file = (changes: object) =>
  JSON.stringify({
    name: 'n',
    target: "mode='daemon'",
    operations: [{ module: 'file', parameters: {} }],
    syntaxversion: 2,
    ...changes,
  });

describe('an action file of syntax version 2', () => {
  test.each(readdirSync(folder))('%s loads as it is, and an action is made of it', async (name) => {
    const loaded = await loadAction(read(name));

    if (loaded.kind !== 'draft') throw new Error('expected a draft');
    const written = JSON.parse(read(name).toString()) as Record<string, unknown>;
    const { name: title, target, description, threat } = loaded.draft;
    expect({ title, target, description, threat }).toEqual({
      title: written['name'],
      target: written['target'],
      description: written['description'],
      threat: written['threat'],
    });
    const now = new Date('2026-01-15T11:01:00Z');
    const action = createAction({ fleet: 'lab', ...loaded.draft }, now);
    expect(action.operations).toEqual(loaded.draft.operations);
    if (name !== 'compressed.json') expect(action.operations).toEqual(written['operations']);
  });

  test('leaves out what an earlier run wrote into it, and says so', async () => {
    const quiet = await loadAction(read('exported-by-a-program.json'));
    const loud = await loadAction(read('exported-after-a-run.json'));

    expect(quiet).toMatchObject({ notes: [], draft: { validfrom: undefined, expireafter: undefined } });
    expect(loud).toMatchObject({
      notes: [
        'left out what belongs to an earlier run of the action: ' +
          'id, status, counters, starttime, finishtime, lastupdatetime, investigators, pgpsignatures',
      ],
      draft: { validfrom: '2026-01-15T11:00:00.01502Z', expireafter: '2026-01-15T11:05:00+00:00' },
    });
  });

  test('has its compressed parameters unpacked', async () => {
    const loaded = await loadAction(read('compressed.json'));

    expect(loaded).toMatchObject({
      draft: {
        operations: [
          { module: 'file', parameters: { searches: { s1: { paths: ['/etc'], names: ['passwd'] } } } },
          { module: 'timedrift', parameters: {} },
        ],
      },
    });
  });

  test('may begin with a byte order mark', async () => {
    expect(await loadAction(`\uFEFF${file({})}`)).toMatchObject({ kind: 'draft' });
    expect(await loadAction(Buffer.from(`\uFEFF${file({})}`))).toMatchObject({ kind: 'draft' });
  });

  test.each([
    ['not JSON', '{', 'TEXT_MALFORMED', /^action file is not JSON in UTF-8: /],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'TEXT_MALFORMED', /bytes that are not UTF-8/],
    ['a list', '[]', 'DOCUMENT_INVALID', /^action file: expected an object, got a list of 0$/],
    ['another version', file({ syntaxversion: 1 }), 'ACTION_SYNTAX_UNKNOWN', /has syntaxversion 1, expected 2/],
    [
      'no target',
      file({ target: undefined }),
      'DOCUMENT_INVALID',
      /^action file: target: expected a text, got nothing$/,
    ],
    ['no name', file({ name: '' }), 'DOCUMENT_INVALID', /name: expected at least 1 characters, got ''/],
    ['no operations', file({ operations: [] }), 'DOCUMENT_INVALID', /operations: expected at least 1 of them/],
    ['a misspelt key', file({ targt: 'x' }), 'DOCUMENT_INVALID', /^action file: unknown key 'targt'$/],
    [
      'a misspelt key of an operation',
      file({ operations: [{ module: 'file', params: {} }] }),
      'DOCUMENT_INVALID',
      /^action file: operations\[0\]: unknown key 'params'$/,
    ],
    [
      'a module in upper case',
      file({ operations: [{ module: 'File', parameters: {} }] }),
      'DOCUMENT_INVALID',
      /operations\[0\]\.module: expected a module's name: .*, got 'File'/,
    ],
    [
      "the module 'default', which access lists keep",
      file({ operations: [{ module: 'default', parameters: {} }] }),
      'DOCUMENT_INVALID',
      /'default' is kept for access lists/,
    ],
    [
      'parameters as text that is not said to be compressed',
      file({ operations: [{ module: 'file', parameters: 'aGVsbG8=' }] }),
      'DOCUMENT_INVALID',
      /operations\[0\]\.parameters: expected an object, or gzip in base64 together with is_compressed/,
    ],
    [
      'compressed parameters that are not gzip',
      file({ operations: [{ module: 'file', parameters: 'aGVsbG8=', is_compressed: true }] }),
      'DOCUMENT_INVALID',
      /operations\[0\]\.parameters: expected gzip/,
    ],
    [
      'compressed parameters that are not base64',
      file({ operations: [{ module: 'file', parameters: '***', is_compressed: true }] }),
      'DOCUMENT_INVALID',
      /operations\[0\]\.parameters: expected base64/,
    ],
    [
      'compressed parameters that unpack to too much',
      file({
        operations: [
          {
            module: 'file',
            parameters: gzipSync(Buffer.alloc(50_000_000, ' ')).toString('base64'),
            is_compressed: true,
          },
        ],
      }),
      'TEXT_TOO_LARGE',
      /operations\[0\]\.parameters is \d+ bytes, expected at most 4194304/,
    ],
  ])('is refused with its reason when it has %s', async (_, content, code, message) => {
    await expect(loadAction(content)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
