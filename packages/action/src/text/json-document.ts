/**
 * Reads JSON that people sign or write, so that it has one meaning for everyone.
 *
 * Plain JSON.parse takes the last of two equal keys, other readers take the first: a second investigator, or an auditor
 * with another tool, would see another action than the agent runs. Such texts are refused here, as are texts that
 * PostgreSQL cannot store (NUL, unpaired surrogates) and nesting that some readers cannot follow.
 */
import { actionError } from '../errors/refusal.ts';
import { deepestNesting } from './limits.ts';

/**
 * Gives the value of `text` (bytes in UTF-8, or a string). Throws TEXT_TOO_LARGE above `limit` bytes, TEXT_MALFORMED
 * when it is not JSON, and TEXT_AMBIGUOUS when it has more than one reading; `what` names it in the error.
 */
export function parseJsonDocument(text: Uint8Array | string, what: string, limit: number): unknown {
  const source = decodeText(text, what, limit);
  if (nestsDeeperThan(source, deepestNesting)) {
    throw actionError('TEXT_AMBIGUOUS', { what, detail: `it nests deeper than ${deepestNesting}` });
  }
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw actionError('TEXT_MALFORMED', { what, detail: (cause as Error).message }, { cause });
  }
  const ambiguity = findAmbiguity(source);
  if (ambiguity !== undefined) throw actionError('TEXT_AMBIGUOUS', { what, detail: ambiguity });
  return value;
}

/**
 * The same for a document that is signed, where numbers too must be what every reader takes them for: programs whose
 * integers have 64 bits read 9007199254740993 as it stands, the others as its neighbour, and 1e999 is refused by some.
 */
export function parseSignedDocument(text: Uint8Array | string, what: string, limit: number): unknown {
  const source = decodeText(text, what, limit);
  const value = parseJsonDocument(source, what, limit);
  const number = findInexactNumber(source);
  if (number === undefined) return value;
  throw actionError('TEXT_AMBIGUOUS', { what, detail: `the number ${number} is not the same for every reader` });
}

/** Decodes UTF-8 and checks the size. Throws TEXT_TOO_LARGE and TEXT_MALFORMED. */
export function decodeText(text: Uint8Array | string, what: string, limit: number): string {
  const bytes = typeof text === 'string' ? text.length : text.byteLength;
  if (bytes > limit) throw actionError('TEXT_TOO_LARGE', { what, bytes, limit });
  if (typeof text === 'string') return text;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch (cause) {
    throw actionError('TEXT_MALFORMED', { what, detail: 'it has bytes that are not UTF-8' }, { cause });
  }
}

/** Looks through `source`, which is valid JSON, for what two readers could take differently. */
function findAmbiguity(source: string): string | undefined {
  const keysAtDepth: (Set<string> | undefined)[] = [];
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g;
  for (let token = tokens.exec(source); token !== null; token = tokens.exec(source)) {
    const [text] = token;
    if (text === '{' || text === '[') {
      keysAtDepth.push(text === '{' ? new Set() : undefined);
      continue;
    }
    if (text === '}' || text === ']') {
      keysAtDepth.pop();
      continue;
    }
    const string = JSON.parse(text) as string;
    if (hasUnstorable(string)) return 'a string holds NUL or half a surrogate pair';
    const keys = keysAtDepth.at(-1);
    if (keys === undefined || !isKey(source, tokens.lastIndex)) continue;
    if (string === '__proto__') return "an object has the key '__proto__'";
    if (keys.has(string)) return `the key '${string}' is there twice in one object`;
    keys.add(string);
  }
  return undefined;
}

/** A number of `source`, which is valid JSON, that a double cannot hold. */
function findInexactNumber(source: string): string | undefined {
  for (const [token] of source.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g)) {
    if (token.startsWith('"')) continue;
    const number = Number(token);
    const isWhole = /^-?\d+$/.test(token);
    if (!Number.isFinite(number) || (isWhole && !Number.isSafeInteger(number))) return token.slice(0, 40);
  }
  return undefined;
}

function isKey(source: string, end: number): boolean {
  let at = end;
  while (source[at] === ' ' || source[at] === '\n' || source[at] === '\r' || source[at] === '\t') at++;
  return source[at] === ':';
}

const unstorable = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const everyUnstorable = new RegExp(unstorable.source, 'g');

/** Whether `text` has characters that JSON can write and PostgreSQL cannot store. */
export function hasUnstorable(text: string): boolean {
  return unstorable.test(text);
}

/** `text` with such characters replaced by U+FFFD. */
export function storable(text: string): string {
  return text.replace(everyUnstorable, '\uFFFD');
}

/** `value`, which is JSON's, with such characters replaced in all its strings and keys. */
export function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storableValue(item)]));
}

/** Whether `text`, valid JSON or not, opens more than `deepest` objects and arrays in one another. */
export function nestsDeeperThan(text: string, deepest: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === 0x5c) at++;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > deepest) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}
