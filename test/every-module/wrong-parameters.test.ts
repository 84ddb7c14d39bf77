/**
 * Parameters that are wrong in every way: made from the JSON Schema of each module and then spoiled somewhere. Each is
 * taken, or refused with one sentence that names the place; none crashes, hangs, or is passed over in part.
 */
import { describeModule, InvalidParameters, validateParameters } from '@mig/module';
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

  test('refuses a key that it does not know, at the top and within', () => {
    fc.assert(
      fc.property(whole, fc.constantFrom('nosuch', '__proto__', 'hasOwnProperty'), (value, key) => {
        if (value === null || typeof value !== 'object') return;
        const given = JSON.parse(JSON.stringify({ ...value, x: 1 }).replace('"x":1}', `"${key}":1}`)) as object;
        expect(refusal(name, given)).toBeDefined();
      }),
      { numRuns: 20 },
    );
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
