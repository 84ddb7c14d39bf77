/** `${name}` in the texts of a document's objects. Behind a backslash it is none: a regular expression may hold one. */
import type { PolicyObject, Variable } from './document.ts';

const reference = /(?<!\\)\$\{([^{}]*)\}/g;

/** The names that `text` refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(reference)].map(([, name]) => name!);
}

/** The variables by name, those in their values filled in. Throws an Error that names a cycle or an unknown name. */
export function resolveVariables(variables: readonly Variable[]): ReadonlyMap<string, string> {
  const given = new Map(variables.map(({ key, value }) => [key, value]));
  const resolved = new Map<string, string>();
  function resolve(name: string, above: readonly string[]): string {
    const known = resolved.get(name);
    if (known !== undefined) return known;
    const value = given.get(name);
    if (value === undefined) throw new Error(`expected the name of a variable in '\${${name}}'`);
    if (above.includes(name)) throw new Error(`expected no cycle of variables: ${[...above, name].join(' → ')}`);
    const text = value.replace(reference, (_, inner: string) => resolve(inner, [...above, name]));
    resolved.set(name, text);
    return text;
  }
  for (const name of given.keys()) resolve(name, []);
  return resolved;
}

/** `value` with the variables in every text of it filled in; those that are not known stay. */
export function fillIn<T>(value: T, variables: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') {
    return value.replace(reference, (all, name: string) => variables.get(name) ?? all) as T;
  }
  if (Array.isArray(value)) return value.map((inner) => fillIn(inner as unknown, variables)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillIn(inner, variables)])) as T;
}

/** The object with its variables filled in; its identifier stays as it is. */
export function fillInObject(object: PolicyObject, variables: ReadonlyMap<string, string>): PolicyObject {
  return { ...fillIn(object, variables), object: object.object };
}
