/** Takes a typed line apart: words as in a shell, and the filters at its end. */
import { Misuse } from '../../misuse.ts';

/** Splits `text` at blanks; quotes keep blanks, a backslash keeps the next character. Throws Misuse. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote === "'" ? character === "'" : quote === '"' && character === '"') quote = '';
    else if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && quote !== "'" && at + 1 < text.length) word = (word ?? '') + text[++at]!;
    else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new Misuse(`expected a ${quote} at the end, got none: ${text}`);
  return word === undefined ? words : [...words, word];
}

export type LineFilter = (line: string) => boolean;

/**
 * Takes `| grep [-v] [-i] PATTERN` off the end of `line`, as often as it stands there. Gives the rest, and what decides
 * which lines of the answer are shown. Throws Misuse for a pattern that is none.
 */
export function takeFilters(line: string): { rest: string; isWanted: LineFilter } {
  const filters: LineFilter[] = [];
  let rest = line;
  for (;;) {
    const [, before, options, pattern] = /^(.*)\s\|\s*grep\s+((?:-[vi]+\s+)*)(.+)$/s.exec(rest) ?? [];
    if (before === undefined) break;
    filters.push(filterOf(options!, pattern!.trim().replace(/^(['"])(.*)\1$/s, '$2')));
    rest = before;
  }
  return { rest, isWanted: (text) => filters.every((filter) => filter(text)) };
}

function filterOf(options: string, pattern: string): LineFilter {
  try {
    const expression = new RegExp(pattern, options.includes('i') ? 'i' : '');
    const isInverse = options.includes('v');
    return (text) => expression.test(text) !== isInverse;
  } catch (error) {
    throw new Misuse(`grep: expected a regular expression, got '${pattern}': ${(error as Error).message}`);
  }
}
