/** Turns parameters from outside into parameters that a run can trust, or into one sentence that says what is wrong. */
import type { z } from 'zod';
import type { AnyModule, Module } from './define-module.ts';
import { asWritten } from './parsing.ts';
import { unfitPart } from './plain-text.ts';
import { printable } from './print-results.ts';

/** Parameters that a module refuses. The message names the parameter, what was given and what is expected. */
export class InvalidParameters extends Error {
  override readonly name = 'InvalidParameters';
  /** Every problem by itself. Empty when the message is all there is. */
  readonly problems: readonly Problem[];

  constructor(message: string, options: ErrorOptions & { problems?: readonly Problem[] } = {}) {
    super(message, options);
    this.problems = options.problems ?? [];
  }
}

/** One thing that is wrong: where, as keys of the parameters from the outermost, and in words. */
export interface Problem {
  readonly place: readonly PropertyKey[];
  readonly message: string;
}

/** Validates `input` for `module`. Returns the parameters with defaults filled in; throws InvalidParameters. */
export function validateParameters<P extends z.ZodType>(module: Module<P>, input: unknown): z.output<P> {
  const unfit = unfitPart(input);
  if (unfit !== undefined) {
    const message = `${parameterName(unfit.place)}: ${unfit.message}`;
    throw new InvalidParameters(message, { problems: [{ place: unfit.place, message }] });
  }
  const parsed = (module as AnyModule).parameters.safeParse(input, asWritten);
  if (!parsed.success) {
    const { issues } = parsed.error as z.ZodError;
    const problems = issues.map((issue) => ({ place: issue.path, message: describeIssue(issue, input) }));
    throw new InvalidParameters(describeIssues(issues, input), { problems });
  }
  try {
    module.validateParameters?.(parsed.data as z.output<P>);
  } catch (error) {
    if (error instanceof Error) throw new InvalidParameters(error.message, { cause: error });
    throw error;
  }
  return parsed.data as z.output<P>;
}

/** One sentence for the first of `issues`, and how many more there are. `input` is what was parsed. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], input: unknown): string {
  const issue = issues[0];
  if (issue === undefined) return 'parameters: not accepted';
  const more =
    issues.length > 1 ? ` (and ${issues.length - 1} more ${issues.length > 2 ? 'problems' : 'problem'})` : '';
  return `${describeIssue(issue, input)}${more}`;
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const name = parameterName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map(show).join(', ');
    return `${name}: unknown ${issue.keys.length > 1 ? 'keys' : 'key'} ${keys}, expected only the documented ones`;
  }
  return `${name}: ${expectation(issue)}, got ${show(valueAt(input, issue.path))}`;
}

function parameterName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'parameters';
  const name = path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${printable(String(key))}`))
    .join('');
  return `parameter '${name}'`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${article(issue.expected)}`;
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'set') return `expected at least ${issue.minimum} of them`;
      if (issue.origin === 'string') return `expected at least ${issue.minimum} characters`;
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'array' || issue.origin === 'set') return `expected at most ${issue.maximum} of them`;
      if (issue.origin === 'string') return `expected at most ${issue.maximum} characters`;
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map((value) => show(value)).join(', ')}`;
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues[0] === undefined ? issue.message : expectation(issue.issues[0]);
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};

function article(type: string): string {
  return typeNames[type] ?? type;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** A value as an error message shows it: JSON, shortened; a text in quotes, its control characters escaped. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `'${printable(value.length > 100 ? `${value.slice(0, 100)}…` : value)}'`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
