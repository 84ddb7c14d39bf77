/**
 * Parameters that are wrong in every way: made from the JSON Schema of each module and then spoiled somewhere. Each is
 * taken, or refused with one sentence that names the place; none crashes, hangs, or is passed over in part.
 */
import { describeModule, InvalidParameters, parseFlags, validateParameters } from '@mig/module';
import { available } from '@mig/modules';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
}

/** Texts that mean something to some module, beside any text there is. */
const texts = fc.oneof(
  fc.constantFrom(
    '/etc',
    '^passwd$',
    '(',
    '[',
    '!x',
    '<10m',
    '>5d',
    '0',
    '5s',
    '127.0.0.1',
    '::1/64',
    'tcp',
    'rule a { condition: true }',
    '-path /etc',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Values of the form that `schema` describes; what a refinement asks besides is not known here. */
function shaped(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(shaped));
  switch (schema.type) {
    case 'object': {
      const { properties = {}, additionalProperties: more } = schema;
      const own = fc.record(Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, shaped(one)])), {
        requiredKeys: [],
      });
      if (typeof more !== 'object' || Object.keys(more).length === 0) return own;
      return fc.dictionary(fc.oneof(fc.constantFrom('s1', 'constructor', 'toString'), fc.string()), shaped(more), {
        maxKeys: 3,
      });
    }
    case 'array':
      return fc.array(shaped(schema.items ?? {}), { maxLength: 3 });
    case 'string':
      return texts;
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: -2, max: 70_000 }), fc.double({ noNaN: true }));
    case 'boolean':
      return fc.boolean();
    default:
      return fc.jsonValue();
  }
}

const nested = (open: string, close: string) => `${open.repeat(20_000)}1${close.repeat(20_000)}`;

/** Values as they could stand in a message, as JSON. */
const odd = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '-1',
    '1e400',
    '-0',
    '9007199254740993',
    '""',
    '[]',
    '{}',
    '"\\ud800"',
    '"a\\u0000b"',
  ),
  fc.constantFrom(
    nested('[', ']'),
    nested('{"a":', '}'),
    `[${'0,'.repeat(20_000)}0]`,
    `"${'('.repeat(20_000)}"`,
    `"${'x'.repeat(100_000)}"`,
  ),
  fc.constantFrom(
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{}}}',
    '{"toString":1,"hasOwnProperty":null,"length":-1}',
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

/** Puts `spoil`, which is JSON, in the place of one of the values within `value`, or adds it under a key. */
function spoiled(value: unknown, spoil: string, at: number, key: string): string {
  const mark = `\u0001${'spoil'}\u0001`;
  const copy = structuredClone({ value }) as Record<string, unknown>;
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (holder: Record<string, unknown>) => {
    for (const name of Object.keys(holder)) {
      places.push([holder, name]);
      const inner = holder[name];
      if (inner !== null && typeof inner === 'object') {
        if (!Array.isArray(inner)) places.push([inner as Record<string, unknown>, key]);
        visit(inner as Record<string, unknown>);
      }
    }
  };
  visit(copy);
  const [holder, name] = places[at % places.length]!;
  Object.defineProperty(holder, name, { value: mark, enumerable: true, configurable: true, writable: true });
  return JSON.stringify(copy).replace(JSON.stringify(mark), () => spoil);
}

type Place = readonly string[];

/** The part of `schema` that describes the value at `key` of an object or list. */
function partOf({ items, properties = {}, additionalProperties: more }: Schema, key: string): Schema {
  if (items !== undefined) return items;
  if (Object.hasOwn(properties, key)) return properties[key]!;
  return typeof more === 'object' ? more : {};
}

/** Where `value` has objects whose keys `schema` lists: they may have no others. */
function closedPlaces(schema: Schema, value: unknown): Place[] {
  if (value === null || typeof value !== 'object') return [];
  const within = Object.entries(value).flatMap(([key, inner]) =>
    closedPlaces(partOf(schema, key), inner).map((place) => [key, ...place]),
  );
  return schema.properties === undefined ? within : [[], ...within];
}

/** A place in the form that `closedForms` gives: `*` for an index or a label. */
function formOf(schema: Schema, [key, ...rest]: Place): string {
  if (key === undefined) return '';
  const isListed = schema.items === undefined && Object.hasOwn(schema.properties ?? {}, key);
  return `.${isListed ? key : '*'}${formOf(partOf(schema, key), rest)}`;
}

/** Every object in `schema` that lists its keys. */
function closedForms({ properties, items, additionalProperties: more }: Schema): string[] {
  const parts: (readonly [string, Schema])[] = Object.entries(properties ?? {});
  if (items !== undefined) parts.push(['*', items]);
  if (typeof more === 'object') parts.push(['*', more]);
  const within = parts.flatMap(([key, part]) => closedForms(part).map((form) => `.${key}${form}`));
  return properties === undefined ? within : ['', ...within];
}

/** A copy of `value` with one key more in the object at `place`. */
function withKey(value: unknown, place: Place, key: string): unknown {
  const copy: unknown = structuredClone(value);
  const holder = place.reduce((at, step) => (at as Record<string, unknown>)[step], copy);
  Object.defineProperty(holder, key, { value: 1, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** Every kind of object and of test that a policy of scribe knows. */
const policy = {
  variables: [{ key: 'directory', value: '/etc' }],
  objects: [
    { object: 'a package', package: { name: 'bash' } },
    { object: 'content', filecontent: { path: '/etc', file: '^passwd$', expression: '^root:(.*)$' } },
    { object: 'names', filename: { path: '/etc', file: '^(passwd)$' } },
    { object: 'lines', hasline: { path: '/etc', file: '^passwd$', expression: '^root' } },
    { object: 'values', raw: { identifiers: [{ identifier: 'one', value: '1' }] } },
  ],
  tests: [
    { test: 'version', object: 'a package', evr: { operation: '>', value: '1.0' } },
    { test: 'pattern', object: 'content', regexp: { value: 'x' }, tags: [{ key: 'severity', value: 'high' }] },
    { test: 'text', object: 'values', exactmatch: { value: '1' } },
  ],
};
const rules = 'rule one { strings: $a = "x" condition: $a }';
/** What the files hold that examples name. */
const readText = (path: string) => (path.endsWith('.json') ? JSON.stringify(policy) : rules);

/** The sentence that refuses `parameters`; undefined when they are taken. */
function refusal(name: string, parameters: unknown): string | undefined {
  try {
    validateParameters(available.get(name), parameters);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidParameters)) throw error;
    return error.message;
  }
}

describe.each(available.modules.map(({ name }) => name))('%s', (name) => {
  const { parameters } = describeModule(available.get(name)) as { parameters: Schema };
  const whole = shaped(parameters);

  test('takes spoiled parameters, or refuses them with one sentence', () => {
    fc.assert(
      fc.property(
        whole,
        odd,
        fc.nat(60),
        fc.constantFrom('nosuch', '__proto__', 'constructor', ''),
        (value, spoil, at, key) => {
          const given = (JSON.parse(spoiled(value, spoil, at, key)) as { value: unknown }).value;
          const message = refusal(name, given);
          if (message === undefined) return;
          expect(message).toMatch(/^[^\n]{10,2000}$/);
          expect(message).not.toMatch(/\bat .*:\d+:\d+|Maximum call stack|Cannot read|is not a function/);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('refuses a key that it does not know, wherever its schema lists the keys, and names it', () => {
    const module = available.get(name);
    const reached = new Set<string>();
    for (const { flags } of module.examples) {
      const valid = parseFlags(module, flags, readText);
      expect(refusal(name, valid)).toBeUndefined();
      for (const place of closedPlaces(parameters, valid)) {
        reached.add(formOf(parameters, place));
        for (const key of ['nosuch', 'hasOwnProperty', 'toString']) {
          const where =
            place.length === 0 ? 'parameters' : `parameter '${place.join('.').replace(/\.(\d+)/g, '[$1]')}'`;
          expect(refusal(name, withKey(valid, place, key))).toBe(
            `${where}: unknown key '${key}', expected only the documented ones`,
          );
        }
      }
    }
    // The examples have all the objects that there are.
    expect([...reached].sort()).toEqual(closedForms(parameters).sort());
  });
});

test.each([
  [
    'a search labelled __proto__',
    '{"searches":{"__proto__":{"paths":["/etc"],"names":["x"]}}}',
    /^parameter 'searches': the key '__proto__' cannot be used/,
  ],
  [
    'a label with half a character',
    '{"searches":{"\\ud800":{"paths":["/etc"]}}}',
    /^parameter 'searches': expected well-formed Unicode, got "\\ud800"$/,
  ],
  [
    'a path with a NUL',
    '{"searches":{"s1":{"paths":["/etc\\u0000"]}}}',
    /^parameter 'searches.s1.paths\[0\]': expected text without NUL/,
  ],
  [
    'nesting without end',
    `{"searches":${nested('{"a":', '}')}}`,
    /^parameter 'searches': expected at most 64 levels, got more$/,
  ],
])('%s is refused by its place', (_, json, reason) => {
  expect(refusal('file', JSON.parse(json))).toMatch(reason);
});
