/** Reads the words after a command: options with one dash or two, and the others in their order. */
import { closest } from '@mig/module';
import { Misuse } from '../misuse.ts';

/** For each option, whether a value follows it. A list may be given several times. */
export type OptionKinds = Readonly<Record<string, 'switch' | 'value' | 'list'>>;

export type OptionValues<K extends OptionKinds> = {
  readonly [Name in keyof K]: K[Name] extends 'switch'
    ? boolean
    : K[Name] extends 'list'
      ? readonly string[]
      : string | undefined;
};

/**
 * Splits `words`. Throws Misuse that names an option which is unknown, or comes twice and is no list, a value that is
 * missing, and one that a switch has no use for.
 */
export function readWords<const K extends OptionKinds>(
  command: string,
  words: readonly string[],
  kinds: K,
): { options: OptionValues<K>; others: readonly string[] } {
  const options: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    options[name] = kind === 'switch' ? false : kind === 'list' ? [] : undefined;
  }
  const others: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const [, name, inline] = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/is.exec(words[at]!) ?? [];
    if (name === undefined) {
      others.push(words[at]!);
      continue;
    }
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) throw new Misuse(unknownOption(command, name, Object.keys(kinds)));
    if (kind === 'switch') {
      if (inline !== undefined) throw new Misuse(`${command}: -${name}: expected no value, got '${inline}'`);
      options[name] = true;
      continue;
    }
    const value = inline ?? words[++at];
    if (value === undefined) throw new Misuse(`${command}: -${name}: expected a value after it, got nothing`);
    if (kind === 'value' && options[name] !== undefined) {
      throw new Misuse(`${command}: -${name}: expected it once, got it twice`);
    }
    if (kind === 'list') (options[name] as string[]).push(value);
    else options[name] = value;
  }
  return { options: options as OptionValues<K>, others };
}

/** The one word that `command` needs. */
export function oneWord(command: string, others: readonly string[], what: string): string {
  if (others.length === 1) return others[0]!;
  throw new Misuse(`${command}: expected ${what}, got ${others.length === 0 ? 'nothing' : `'${others.join(' ')}'`}`);
}

/** The value of -n: how many are wanted, Infinity for all. Throws Misuse. */
export function readCount(command: string, value: string | undefined, standard: number): number {
  if (value === undefined) return standard;
  if (value === 'all') return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new Misuse(`${command}: -n: expected a whole number from 1, or all, got '${value}'`);
}

/** Refuses words where none are expected. */
export function noWords(command: string, others: readonly string[]): void {
  if (others.length > 0) throw new Misuse(`${command}: expected only options, got '${others.join(' ')}'`);
}

function unknownOption(command: string, name: string, known: readonly string[]): string {
  const near = closest(name, known);
  const hint =
    near !== undefined ? `did you mean -${near}?` : `expected one of ${known.map((one) => `-${one}`).join(', ')}`;
  return `${command} has no option -${name}: ${known.length === 0 ? 'it takes none' : hint}`;
}
