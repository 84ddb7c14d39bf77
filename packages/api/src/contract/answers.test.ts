/**
 * A client of today reads the answers of a platform of 0.1: what is required of an answer was required then, and what was
 * answered then is still understood. `testdata/answers-0.1.txt` has the fields that answers had then, with their types or
 * words, a line each; it stays as it is while platforms of that version are to be understood.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoints } from '../resources/index.ts';

/** By the path of a field, the types and words that it may be. */
type Fields = ReadonlyMap<string, readonly string[]>;

const then = new Map<string, Map<string, string[]>>();
for (const line of readFileSync(join(import.meta.dirname, 'testdata/answers-0.1.txt'), 'utf8')
  .trim()
  .split('\n')) {
  const [answer = '', path = '', kinds = ''] = line.split(' ');
  if (!then.has(answer)) then.set(answer, new Map());
  then.get(answer)!.set(path, kinds.split('|'));
}

/** The fields that must be there in what `schema` reads. */
function requiredIn(schema: z.ZodType): Fields {
  const fields = new Map<string, string[]>();
  const walk = (part: z.core.JSONSchema.BaseSchema, path: string) => {
    const forms = (part.anyOf ?? [part]) as z.core.JSONSchema.BaseSchema[];
    const kinds = forms.flatMap(({ type, enum: words, const: word }) => words ?? [word ?? type ?? 'any']);
    if (path !== '') fields.set(path, kinds.map(String));
    for (const { required = [], properties = {}, items } of forms) {
      for (const name of required) {
        walk(properties[name] as z.core.JSONSchema.BaseSchema, path === '' ? name : `${path}.${name}`);
      }
      if (items !== undefined) walk(items as z.core.JSONSchema.BaseSchema, `${path}[]`);
    }
  };
  walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), '');
  return fields;
}

/** What reads `answer`: the name of an endpoint, or that of a stream with one of its events. */
function readerOf(answer: string): z.ZodType {
  const [name = '', event] = answer.split('/');
  const { response, events } = endpoints[name]!;
  return event === undefined ? response : events[event];
}

test('the answers of 0.1 are those of every endpoint that there was', () => {
  expect(then.size).toBe(38);
});

test.each([...then])('the answer of 0.1 to %s is understood', (answer, fields) => {
  const now = requiredIn(readerOf(answer));
  const newer = [...now.keys()].filter((path) => !fields.has(path));
  expect(newer, 'required, and 0.1 does not answer it: give it a default that says what its absence means').toEqual([]);
  for (const [path, kinds] of fields) {
    const lost = kinds.filter((kind) => now.has(path) && !now.get(path)!.includes(kind));
    expect(lost, `${path}: 0.1 answers it, and it is not understood any more`).toEqual([]);
  }
});
