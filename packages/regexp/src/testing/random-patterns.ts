/** Random patterns and inputs that are likely to meet: what the fuzzer and the property tests feed on. */

/** A source of numbers that a seed repeats (a linear congruential generator; only its higher bits are used). */
export class Dice {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed & 0x7fffffff;
  }

  /** A whole number below `sides`. */
  roll(sides: number): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (this.#seed >> 8) % sides;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.roll(choices.length)]!;
  }
}

const characters = ['a', 'b', 'c', 'é', '€', 'K', 's', '1', '_', 'x', '-', '\\.', '\\\\'];
const classes = [
  '.',
  '[ab]',
  '[^a]',
  '[^€]',
  '\\w',
  '\\d',
  '\\pL',
  '\\PL',
  '[a-cé-ü]',
  '\\S',
  '[[:alpha:]]',
  '[^\\n]',
  '[\\w-]',
  '\\p{Greek}',
  '[^[:^digit:]]',
];
const assertions = ['^', '$', '\\b', '\\B', '\\A', '\\z'];
const literals = [
  'ab',
  'abc',
  'zqx',
  'root:',
  'pass',
  '\\x41',
  '\\x{20AC}',
  '\\t',
  '\\Qa.b\\E',
  '[a-c]{16,}',
  '\\x00',
  '\\r',
  '\\n',
];
const repetitions = ['*', '+', '?', '{2}', '{1,3}', '{2,}', '{0,2}', '*?', '+?', '??', '{1,2}?'];

/** A pattern of RE2's syntax, nested up to `depth`. */
export function randomPattern(dice: Dice, depth: number): string {
  const inner = () => randomPattern(dice, depth - 1);
  switch (dice.roll(depth > 0 ? 14 : 6)) {
    case 0:
    case 1:
      return dice.pick(characters);
    case 2:
      return dice.pick(classes);
    case 3:
      return dice.pick(assertions);
    case 4:
    case 5:
      return dice.pick(literals);
    case 6:
    case 7:
    case 8:
      return inner() + inner();
    case 9:
      return `(?:${inner()}|${inner()})`;
    case 10:
    case 11:
      return `(${inner()})${dice.pick(repetitions)}`;
    case 12:
      return `(?${dice.pick(['i', 'm', 's', 'U', 'im', 'is'])}:${inner()})`;
    default:
      return `(?P<n${dice.roll(1e9)}>${inner()})`;
  }
}

const pieces = [
  'a',
  'b',
  'c',
  'A',
  'é',
  'É',
  '€',
  'K',
  'k',
  'K',
  'S',
  'ſ',
  '1',
  '_',
  'x',
  ' ',
  '-',
  '\n',
  '\n',
  '\t',
  '\r\n',
  'abc',
  'zqx',
  'root:',
  'pass',
  'PASS',
  '\0',
  'a.b',
  'ẞ',
  'α',
  '😀',
  'aaaabbbbccccaaaab',
];
const broken = [
  [0xe2],
  [0x82],
  [0xe2, 0x82],
  [0xff],
  [0xf0, 0x9f],
  [0xac],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xc0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
];

/** Text that is valid UTF-8, of up to `most` pieces. */
export function randomText(dice: Dice, most: number): string {
  return Array.from({ length: dice.roll(most) }, () => dice.pick(pieces)).join('');
}

/** Bytes, some of them not UTF-8, of up to `most` pieces. */
export function randomBytes(dice: Dice, most: number): Buffer {
  const parts = Array.from({ length: dice.roll(most) }, () =>
    dice.roll(5) === 0 ? Buffer.from(dice.pick(broken)) : Buffer.from(dice.pick(pieces)),
  );
  return Buffer.concat(parts);
}
