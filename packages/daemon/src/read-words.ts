/** The words after the name of a program: options with two dashes or one, and the others in their order. */
import { Misuse } from './misuse.ts';

/** For each option, whether a value follows it. */
export type OptionKinds = Readonly<Record<string, 'switch' | 'value'>>;

export type OptionValues<K extends OptionKinds> = {
  readonly [Name in keyof K]: K[Name] extends 'switch' ? boolean : string | undefined;
};

/**
 * Splits `words`. Throws Misuse that names an option which is unknown or comes twice, a value that is missing or empty,
 * and one that a switch has no use for.
 */
export function readWords<const K extends OptionKinds>(
  words: readonly string[],
  kinds: K,
): { options: OptionValues<K>; others: readonly string[] } {
  const options = new Map<string, string | boolean>();
  const others: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!/^-./.test(word)) {
      others.push(word);
      continue;
    }
    const [, name = '', inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(word)!;
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const known = Object.keys(kinds).map((one) => `--${one}`);
      throw new Misuse(`expected one of ${known.join(' ')}, got '${word}'`);
    }
    if (options.has(name)) throw new Misuse(`--${name}: expected it once, got it twice`);
    if (kind === 'switch' && inline !== undefined) {
      throw new Misuse(`--${name}: expected no value, got '${inline}'`);
    }
    options.set(name, kind === 'switch' ? true : (inline ?? following(name, words[++at])));
    // Such as a variable of a script that was not set: an empty path would be the directory that one happens to be in.
    if (options.get(name) === '') throw new Misuse(`--${name}: expected a value, got an empty one`);
  }
  const values = Object.entries(kinds).map(([name, kind]) => [
    name,
    options.get(name) ?? (kind === 'switch' ? false : undefined),
  ]);
  return { options: Object.fromEntries(values) as OptionValues<K>, others };
}

/** Refuses words where only options are expected. */
export function noWords(others: readonly string[]): void {
  if (others.length > 0) throw new Misuse(`expected only options, got '${others.join(' ')}'`);
}

/** The value of an option whose next word is `word`. */
function following(name: string, word: string | undefined): string {
  if (word === undefined) throw new Misuse(`--${name}: expected a value after it, got nothing`);
  if (/^-./.test(word)) {
    throw new Misuse(`--${name}: expected a value after it, got '${word}': if it is the value, --${name}=${word}`);
  }
  return word;
}
