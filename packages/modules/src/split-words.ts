/** Words in one text, as a person would type them. */
import { InvalidParameters } from '@mig/module';

/**
 * Splits words at blanks, quotes and backslashes as a shell does; nothing in them is filled in. Throws InvalidParameters
 * where a quote has no end.
 */
export function splitWords(text: string): string[] {
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
