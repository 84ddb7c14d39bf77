/** Says in one sentence what a zod schema has against a document: the field, what was expected, and what came. */
import type { z } from 'zod';

/** One sentence for the first of `issues`, and how many more there are. `input` is what was parsed. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], input: unknown): string {
  const issue = issues[0];
  if (issue === undefined) return 'not accepted';
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${describeIssue(issue, input)}${more}`;
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const place = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `'${key}'`).join(', ');
    return `${place === '' ? '' : `${place}: `}unknown ${issue.keys.length > 1 ? 'keys' : 'key'} ${keys}`;
  }
  return `${place === '' ? '' : `${place}: `}${expectation(issue)}, got ${show(valueAt(input, issue.path))}`;
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNames[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => show(value)).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'datetime' ? "expected a time such as '2026-03-01T12:00:00Z'" : issue.message;
    case 'invalid_key':
      return issue.issues[0] === undefined ? issue.message : expectation(issue.issues[0]);
    case 'invalid_union':
      return 'expected one of the documented forms';
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

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' of them' : '';
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
