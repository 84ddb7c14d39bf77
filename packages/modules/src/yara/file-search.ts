/** The flags of the file module in one text, as a person would write them behind `mig file`. */
import { InvalidParameters, parseFlags } from '@mig/module';
import { file } from '../file/file.ts';
import { Parameters } from '../file/file-parameters.ts';

/** A search of files, and how many of them are wanted; 0 for all. */
export interface FileSearch {
  readonly searches: Parameters['searches'];
  readonly matchlimit: number;
}

/**
 * Reads `text`. The limit of 1,000 matches that flags have by themselves does not count: what is scanned is not
 * returned. Throws InvalidParameters.
 */
export function readFileSearch(text: string): FileSearch {
  const words = splitWords(text);
  const parameters = Parameters.parse(parseFlags(file, words, noFile));
  const hasLimit = words.some((word) => /^--?matchlimit(=|$)/.test(word));
  const matchlimit = hasLimit
    ? Math.max(...Object.values(parameters.searches).map(({ options }) => options.matchlimit))
    : 0;
  return { searches: parameters.searches, matchlimit };
}

function noFile(): never {
  throw new InvalidParameters('flags that read a file are not to be had here');
}

/** Splits words at blanks, quotes and backslashes as a shell does; nothing in them is filled in. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== '' && character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && isEscape(quote, text[at + 1])) word = (word ?? '') + text[++at];
    else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new InvalidParameters(`expected another ${quote} that ends what the first one began`);
  if (word !== undefined) words.push(word);
  return words;
}

/** Between single quotes nothing is escaped, between double quotes only what would end or escape (POSIX shell, 2.2). */
function isEscape(quote: string, next: string | undefined): boolean {
  if (next === undefined || quote === "'") return false;
  return quote === '' || next === '"' || next === '\\' || next === '$' || next === '`';
}
