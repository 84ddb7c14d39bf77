/** Reads a configuration: the file, then the variables over it, then the schema over both. */
import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { z } from 'zod';
import { keysIn, keysOf, unwrap } from './keys.ts';
import { lineOfKey } from './line-of-key.ts';
import { nearest } from './nearest.ts';

/** A configuration that cannot be used. The message names the place, what was expected and what came. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export interface LoadOptions {
  /** The file; undefined for none. */
  readonly file: string | undefined;
  /** Whether it is an error that the file is not there. */
  readonly isRequired?: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Table = Record<string, unknown>;

/** Gives the configuration that `schema` describes. Throws ConfigurationError. */
export function loadConfiguration<S extends z.ZodObject>(schema: S, options: LoadOptions): z.output<S> {
  return loadChecked(schema, options).configuration;
}

/** The same, and the keys and values as they were given: for whoever checks them with that schema once more. */
export function loadChecked<S extends z.ZodObject>(
  schema: S,
  options: LoadOptions,
): { readonly configuration: z.output<S>; readonly given: Readonly<Record<string, unknown>> } {
  const text = readText(options);
  const file = options.file ?? 'configuration';
  const values = text === undefined ? {} : parseToml(file, text);
  const overridden = applyVariables(schema, values, options.environment);
  const parsed = schema.safeParse(values);
  if (parsed.success) return { configuration: parsed.data, given: values };
  const issue = parsed.error.issues[0]!;
  throw new ConfigurationError(describe(issue, schema, values, { file, text: text ?? '', overridden }));
}

function readText({ file, isRequired = false }: LoadOptions): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !isRequired) return undefined;
    throw new ConfigurationError(`${file}: expected a configuration file, and it cannot be read: ${message}`, {
      cause,
    });
  }
}

function parseToml(file: string, text: string): Table {
  try {
    return parse(text) as Table;
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    throw new ConfigurationError(`${file}, line ${cause.line}: expected TOML: ${reason}`, { cause });
  }
}

/** Puts the variables that are set into `values`; gives the variable of each key that was. */
function applyVariables(
  schema: z.ZodObject,
  values: Table,
  environment: LoadOptions['environment'],
): ReadonlyMap<string, string> {
  const overridden = new Map<string, string>();
  for (const { path, variable, schema: field } of keysOf(schema)) {
    const text = environment[variable];
    if (text === undefined) continue;
    let table = values;
    for (const name of path.slice(0, -1)) {
      table[name] ??= {};
      table = table[name] as Table;
    }
    table[path.at(-1)!] = readVariable(unwrap(field), text);
    overridden.set(path.join('.'), variable);
  }
  return overridden;
}

/** A variable is text: numbers, booleans and lists (separated by commas) are read as the schema wants them. */
function readVariable(schema: z.ZodType, text: string): unknown {
  if (schema instanceof z.ZodNumber && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (schema instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true';
  if (schema instanceof z.ZodArray) return text === '' ? [] : text.split(',').map((part) => part.trim());
  return text;
}

interface Origin {
  readonly file: string;
  readonly text: string;
  readonly overridden: ReadonlyMap<string, string>;
}

function describe(
  issue: z.core.$ZodIssue,
  schema: z.ZodObject,
  values: Table,
  { file, text, overridden }: Origin,
): string {
  const path = issue.path.map(String);
  const isUnknown = issue.code === 'unrecognized_keys';
  const full = isUnknown ? [...path, issue.keys[0]!] : path;
  const key = full.join('.');
  const variable = [...overridden].find(([name]) => key === name || key.startsWith(`${name}.`))?.[1];
  const line = lineOfKey(
    text,
    full.filter((part) => !/^\d+$/.test(part)),
  );
  const place = variable ?? (line === undefined ? file : `${file}, line ${line}`);
  if (isUnknown) return `${place}: unknown key '${key}', ${expectedKeys(schema, path, full.at(-1)!)}`;
  return `${place}: '${key}': ${issue.message}, got ${JSON.stringify(valueAt(values, path)) ?? 'nothing'}`;
}

/** What could stand in the place of `name` in the table at `path`, the nearest first. */
function expectedKeys(schema: z.ZodObject, path: readonly string[], name: string): string {
  const known = keysIn(schema, path);
  const near = nearest(name, known);
  const table = path.length === 0 ? '' : ` in [${path.join('.')}]`;
  const meant = near === undefined ? '' : `did you mean '${[...path, near].join('.')}'? `;
  return `${meant}expected${table} one of ${known.join(', ')}`;
}

function valueAt(values: Table, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (value !== null && typeof value === 'object' ? (value as Table)[name] : undefined),
    values,
  );
}
