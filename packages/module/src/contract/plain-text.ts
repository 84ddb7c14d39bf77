/** What no parameters may hold, whatever the schema: what could not be carried, stored or shown as it came. */
import type { Problem } from './validation.ts';

/** Levels of lists and objects in each other. The deepest parameters that there are have seven. */
const deepest = 64;

/**
 * The first thing in `input` that is refused: a text with a NUL or half a surrogate pair, which a database does not
 * store; the key `__proto__`, which a schema would pass over in silence; nesting that has no end. Undefined when there
 * is none. Works without recursion, since that nesting may come from outside.
 */
export function unfitPart(input: unknown): Problem | undefined {
  const waiting: { readonly value: unknown; readonly place: readonly PropertyKey[] }[] = [{ value: input, place: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, place } = next;
    if (typeof value === 'string') {
      const message = unfitText(value);
      if (message !== undefined) return { place, message };
    }
    if (value === null || typeof value !== 'object') continue;
    if (place.length >= deepest)
      return { place: place.slice(0, 1), message: `expected at most ${deepest} levels, got more` };
    for (const key of Object.keys(value)) {
      const message = key === '__proto__' ? "the key '__proto__' cannot be used: choose another" : unfitText(key);
      if (message !== undefined) return { place, message };
      waiting.push({
        value: (value as Record<string, unknown>)[key],
        place: [...place, Array.isArray(value) ? Number(key) : key],
      });
    }
  }
  return undefined;
}

function unfitText(text: string): string | undefined {
  if (text.includes('\0')) return `expected text without NUL, got ${JSON.stringify(text.slice(0, 100))}`;
  return /\p{Surrogate}/u.test(text)
    ? `expected well-formed Unicode, got ${JSON.stringify(text.slice(0, 100))}`
    : undefined;
}
