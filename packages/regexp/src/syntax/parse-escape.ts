/** Reads what follows a backslash. */
import type { Cursor } from './cursor.ts';
import { lastCodePoint, negate, type Ranges } from './ranges.ts';
import { asciiClasses, foldCase, property } from './unicode.ts';

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Reads an escape that stands for one character, `\n` or `\x{1F600}`; the cursor is at the backslash. */
export function parseEscapedCharacter(cursor: Cursor): number {
  const start = cursor.at;
  cursor.at++;
  if (cursor.isAtEnd) cursor.fail('a backslash ends the pattern: write \\\\ for a backslash', start);
  const octal = cursor.takeMatch(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
  if (octal !== undefined) return Number.parseInt(octal[0], 8);
  if (/[1-9]/.test(cursor.pattern[cursor.at]!)) {
    cursor.fail('back-references are not supported, since matching them takes more than linear time', start);
  }
  if (cursor.take('x')) return parseHexadecimal(cursor, start);
  const codePoint = cursor.takeCodePoint();
  const letter = String.fromCodePoint(codePoint);
  const control = controls[letter];
  if (control !== undefined) return control;
  if (codePoint < 0x80 && !/[A-Za-z0-9]/.test(letter)) return codePoint;
  return cursor.fail(`\\${letter} is not an escape of RE2`, start);
}

function parseHexadecimal(cursor: Cursor, start: number): number {
  const [, short, long] = cursor.takeMatch(/([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\}/y) ?? [];
  const codePoint = Number.parseInt(short ?? long ?? '', 16);
  if (Number.isNaN(codePoint)) cursor.fail('\\x needs two hexadecimal digits, or {} around some', start);
  if (codePoint > lastCodePoint) cursor.fail(`\\x{${long}} is beyond the last code point, 10FFFF`, start);
  return codePoint;
}

/** Reads `\d`, `\W`, `\pL`, `\p{^Greek}`; undefined, and the cursor where it was, when the escape is no class. */
export function parseEscapedClass(cursor: Cursor): Ranges | undefined {
  const perl = cursor.takeMatch(/\\([dswDSW])/y)?.[1];
  if (perl !== undefined) {
    const ranges = folded(cursor, asciiClasses[perl.toLowerCase()]!);
    return perl === perl.toLowerCase() ? ranges : negate(ranges);
  }
  const start = cursor.at;
  const unicode = cursor.takeMatch(/\\([pP])(?:\{(\^?)([^}]*)\}|([^{]))/uy);
  if (unicode === undefined) {
    if (cursor.sees('\\p') || cursor.sees('\\P'))
      cursor.fail('\\p needs the name of a Unicode class, as in \\pL or \\p{Greek}');
    return undefined;
  }
  const [, letter, inverted = '', long, short] = unicode;
  const name = long ?? short!;
  const ranges = property(name);
  if (ranges === undefined) return cursor.fail(`no Unicode class is called '${name}'`, start);
  return (letter === 'P') !== (inverted === '^') ? negate(folded(cursor, ranges)) : folded(cursor, ranges);
}

function folded(cursor: Cursor, ranges: Ranges): Ranges {
  return cursor.flags.foldsCase ? foldCase(ranges) : ranges;
}
