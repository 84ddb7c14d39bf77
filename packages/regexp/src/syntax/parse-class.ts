/** Reads a class in brackets: `[a-z_\d[:punct:]]`. */
import type { Cursor } from './cursor.ts';
import { parseEscapedCharacter, parseEscapedClass } from './parse-escape.ts';
import { negate, normalize, type Ranges } from './ranges.ts';
import { asciiClasses, foldCase } from './unicode.ts';

/** Reads from the opening to the closing bracket. */
export function parseClass(cursor: Cursor): Ranges {
  const start = cursor.at;
  cursor.at++;
  const isNegated = cursor.take('^');
  const ranges: number[] = [];
  for (let isFirst = true; isFirst || !cursor.sees(']'); isFirst = false) {
    if (cursor.isAtEnd) cursor.fail('the class is not closed: expected ]', start);
    ranges.push(...parseItem(cursor, start));
  }
  cursor.at++;
  const all = normalize(ranges);
  const folded = cursor.flags.foldsCase ? foldCase(all) : all;
  return isNegated ? negate(folded) : folded;
}

function parseItem(cursor: Cursor, classStart: number): Ranges {
  const posix = cursor.takeMatch(/\[:(\^?)(\w*):\]/y);
  if (posix !== undefined) {
    const ranges = Object.hasOwn(asciiClasses, posix[2]!) && posix[2]!.length > 1 ? asciiClasses[posix[2]!] : undefined;
    if (ranges === undefined) cursor.fail(`no POSIX class is called '${posix[2]}'`, cursor.at - posix[0].length);
    return posix[1] === '^' ? negate(folded(cursor, ranges)) : ranges;
  }
  const named = cursor.sees('\\') ? parseEscapedClass(cursor) : undefined;
  if (named !== undefined) return named;
  const start = cursor.at;
  const low = parseCharacter(cursor, classStart);
  if (!cursor.sees('-') || cursor.sees('-]') || cursor.at + 1 >= cursor.pattern.length) return [low, low];
  cursor.at++;
  const high = parseCharacter(cursor, classStart);
  if (high < low) cursor.fail('a range of characters runs backwards', start);
  return [low, high];
}

function folded(cursor: Cursor, ranges: Ranges): Ranges {
  return cursor.flags.foldsCase ? foldCase(ranges) : ranges;
}

function parseCharacter(cursor: Cursor, classStart: number): number {
  if (cursor.isAtEnd) cursor.fail('the class is not closed: expected ]', classStart);
  return cursor.sees('\\') ? parseEscapedCharacter(cursor) : cursor.takeCodePoint();
}
