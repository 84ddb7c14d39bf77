/** Filters as they are typed: `where status=failed and name=web% limit 20`. */
import { closest } from '@mig/module';
import { Misuse } from '../misuse.ts';
import { splitWords } from './input/words.ts';

export interface Where {
  /** By key, in the order typed. A key of `known` that ends with `.` stands for all that begin so. */
  readonly filters: ReadonlyMap<string, string>;
  readonly limit: number;
}

const standardLimit = 100;

/** Reads what follows `search <kind>`. Throws Misuse that names what was not understood. */
export function readWhere(text: string, known: readonly string[]): Where {
  const words = splitWords(text);
  const filters = new Map<string, string>();
  let limit = standardLimit;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (/^(where|and)$/i.test(word)) continue;
    if (/^limit$/i.test(word)) {
      limit = readLimit(words[++at]);
      continue;
    }
    const [, key, value] = /^([a-z][\w.-]*)=(.*)$/is.exec(word) ?? [];
    if (key === undefined || value === undefined) {
      throw new Misuse(`expected key=value with a key of ${known.join(', ')}, joined by and, got '${word}'`);
    }
    if (!known.some((one) => (one.endsWith('.') ? key.startsWith(one) : one === key))) {
      const near = closest(key, known);
      throw new Misuse(
        `'${key}' cannot be searched for: ${near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`}`,
      );
    }
    if (filters.has(key)) throw new Misuse(`'${key}' is there twice: expected each key once`);
    filters.set(key, value);
  }
  return { filters, limit };
}

function readLimit(text: string | undefined): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new Misuse(`limit: expected a number or all, got '${text ?? 'nothing'}'`);
}

/** A value with `%` for whatever stands before or behind: as the platform looks for parts, these are left out. */
export function partOf(value: string | undefined): string | undefined {
  return value?.replace(/^%+|%+$/g, '');
}

/** Whether `text` fits `pattern`, in which `%` stands for anything; letters of either case fit. */
export function fits(text: string, pattern: string): boolean {
  const parts = pattern.toLowerCase().split('%');
  const subject = text.toLowerCase();
  if (parts.length === 1) return subject === parts[0];
  if (!subject.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const part of parts.slice(1, -1)) {
    const found = subject.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1)!;
  return subject.length - last.length >= at && subject.endsWith(last);
}
