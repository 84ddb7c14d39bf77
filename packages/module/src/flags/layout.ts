/** Which flags a module takes: read off the schema of its parameters. */
import { z } from 'zod';
import type { AnyModule } from '../contract/define-module.ts';

declare module 'zod' {
  interface GlobalMeta {
    /** The flag of this parameter, without dash, where it is not the parameter's own name. */
    flag?: string;
    /** A second flag that switches a boolean off: `matchany` for `matchall`. */
    opposite?: string;
    /** What stands for the value in help texts: `<regexp>`. */
    hint?: string;
    /** The flag names a file; the parameter is its text, or what its JSON means. */
    fromFile?: 'text' | 'json';
    /** Not to be had as a flag. */
    noFlag?: boolean;
  }
}

/** Where flags stand for a part of the parameters only: the schema they are read off, and how values become parameters. */
export interface FlagLayout<Parameters> {
  readonly schema: z.ZodObject;
  wrap(values: Readonly<Record<string, unknown>>): Parameters;
}

/** Characters that a choice may take in a hint. */
const longestChoice = 60;

/** One flag, and where its value goes. */
export interface Flag {
  readonly name: string;
  readonly kind: 'switch' | 'text' | 'number' | 'fromFile';
  /** May be given more than once, each adding to a list. */
  readonly isList: boolean;
  readonly isJson: boolean;
  /** The value that a switch without value stands for. */
  readonly switchedTo: boolean;
  readonly path: readonly string[];
  readonly hint: string;
  readonly help: string;
}

/** Lays flags over one search of a module whose parameters are `{searches: {label: search}}`: they make search `s1`. */
export function searchFlags<S extends z.ZodObject>(
  search: S,
  defaults: Readonly<Record<string, unknown>>,
): FlagLayout<{ searches: Record<string, z.input<S>> }> {
  return { schema: search, wrap: (values) => ({ searches: { s1: merge(defaults, values) as z.input<S> } }) };
}

function merge(defaults: Readonly<Record<string, unknown>>, values: Readonly<Record<string, unknown>>): object {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    const original = merged[key];
    merged[key] = isRecord(original) && isRecord(value) ? merge(original, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The flags of `module`, in the order of its schema. Throws when two flags share a name. */
export function flagsOf(module: AnyModule): readonly Flag[] {
  const schema: z.ZodType = module.flags?.schema ?? module.parameters;
  const flags = [...flagsIn(unwrap(schema), [])];
  const names = new Set<string>();
  for (const { name } of flags) {
    if (names.has(name)) throw new Error(`module ${module.name}: flag -${name} is declared twice`);
    names.add(name);
  }
  return flags;
}

function* flagsIn(schema: z.ZodType, path: readonly string[]): Generator<Flag> {
  if (!(schema instanceof z.ZodObject)) return;
  for (const [key, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    const meta = metaOf(field);
    const value = unwrap(field);
    const here = [...path, key];
    if (meta.noFlag === true) continue;
    if (value instanceof z.ZodObject && meta.fromFile === undefined) yield* flagsIn(value, here);
    else yield* flagsFor(key, field, meta, here);
  }
}

function* flagsFor(key: string, field: z.ZodType, meta: z.GlobalMeta, path: readonly string[]): Generator<Flag> {
  const value = unwrap(field);
  const isList = value instanceof z.ZodArray;
  const one = isList ? unwrap(value.element as z.ZodType) : value;
  const kind = meta.fromFile !== undefined ? 'fromFile' : kindOf(one);
  const name = meta.flag ?? key;
  const hint =
    meta.hint ?? choiceOf(one) ?? { switch: '', text: '<text>', number: '<number>', fromFile: '<file>' }[kind];
  const common = { kind, isList, isJson: meta.fromFile === 'json', path, hint } as const;
  yield { ...common, name, switchedTo: true, help: `${meta.description ?? ''}${standardOf(field)}` };
  if (meta.opposite !== undefined) {
    yield { ...common, name: meta.opposite, switchedTo: false, help: `The opposite of -${name}.` };
  }
}

/** What stands for a parameter that is not given, where that is more than nothing, no, or no limit. */
function standardOf(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)) return '';
  const standard: unknown = schema.def.defaultValue;
  const isPlain = typeof standard === 'string' || typeof standard === 'number' || standard === true;
  return isPlain && standard !== '' && standard !== 0 ? ` Default ${standard}.` : '';
}

/** The words that may be given, where they are few. */
function choiceOf(schema: z.ZodType): string | undefined {
  if (!(schema instanceof z.ZodEnum)) return undefined;
  const words = schema.options.join('|');
  return words.length <= longestChoice ? `<${words}>` : undefined;
}

function kindOf(schema: z.ZodType): 'switch' | 'text' | 'number' {
  if (schema instanceof z.ZodBoolean) return 'switch';
  return schema instanceof z.ZodNumber ? 'number' : 'text';
}

/** The schema inside `.optional()`, `.default()` and pipes. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in as z.ZodType) : schema;
}

function metaOf(schema: z.ZodType): z.GlobalMeta {
  const own = schema.meta() ?? {};
  const inner =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
      ? metaOf(schema.unwrap() as z.ZodType)
      : {};
  return { ...inner, ...own };
}
