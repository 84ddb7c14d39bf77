/** Values that are typed for a draft. Each throws Misuse that says what was expected. */
import { parseExpiration, Timestamp } from '@mig/action';
import { Misuse } from '../../misuse.ts';
import { splitWords } from '../input/words.ts';

export function readWindow(text: string): { validfrom: string; expireafter: string } {
  const [start = '', stop = '', ...more] = splitWords(text);
  if (start === '' || stop === '' || more.length > 0) {
    throw new Misuse(`times: expected now or a time, and +10m or a time, got '${text}'`);
  }
  const validfrom = start === 'now' ? new Date().toISOString() : readTime(start);
  if (!stop.startsWith('+')) return { validfrom, expireafter: readTime(stop) };
  return { validfrom, expireafter: new Date(Date.parse(validfrom) + parseExpiration(stop.slice(1))).toISOString() };
}

function readTime(text: string): string {
  if (Timestamp.safeParse(text).success) return text;
  throw new Misuse(`times: expected a time such as 2026-01-02T03:04:05Z, got '${text}'`);
}

export function readPairs(order: string, text: string): Record<string, string> {
  const words = splitWords(text);
  if (words.length === 0) throw new Misuse(`${order}: expected key=value, got nothing`);
  return Object.fromEntries(
    words.map((word) => {
      const [, key, value] = /^([a-z]+)=(.*)$/s.exec(word) ?? [];
      if (key === undefined || value === undefined) throw new Misuse(`${order}: expected key=value, got '${word}'`);
      return [key, value];
    }),
  );
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: { message: string; path: PropertyKey[] }[] } };
}

export function checkValue<T>(order: string, schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new Misuse(`${order}: ${path.join('.')}${path.length === 0 ? '' : ': '}${message}`);
}
