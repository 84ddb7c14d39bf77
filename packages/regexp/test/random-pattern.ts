/** Patterns and inputs at random, for property tests and the fuzzer: small alphabets, so that matches are frequent. */
import fc from 'fast-check';

/** Characters that patterns and inputs share; some fold with one another, some end lines, some are long in UTF-8. */
const characters = [
  'a',
  'b',
  'c',
  'A',
  'B',
  'k',
  'K',
  '\u212a',
  's',
  'S',
  '\u017f',
  '0',
  '1',
  ' ',
  '-',
  '_',
  '.',
  'é',
  'É',
]
  .concat([
    'ß',
    'σ',
    'ς',
    'Σ',
    '日',
    '\u{1f600}',
    '\n',
    '\r',
    '\0',
    '\ufffd',
    '\u007f',
    '\u0080',
    '\u07ff',
    '\u0800',
    '\uffff',
  ])
  .concat(['\u{10000}', '\u{10ffff}']);

const literal = fc.constantFrom(...characters).map(escaped);

const classItem = fc.oneof(
  { weight: 4, arbitrary: literal },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...characters), fc.constantFrom(...characters))
      .map(([a, b]) =>
        a.codePointAt(0)! <= b.codePointAt(0)! ? `${escaped(a)}-${escaped(b)}` : `${escaped(b)}-${escaped(a)}`,
      ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'a-c',
      '0-9',
      '\\d',
      '\\w',
      '\\s',
      '\\D',
      '\\W',
      '\\S',
      '[:alpha:]',
      '[:^digit:]',
      '[:space:]',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('\\pL', '\\PL', '\\p{Greek}', '\\p{^Lu}', '\\p{Ll}', '\\x{80}-\\x{10ffff}') },
);

const characterClass = fc
  .tuple(fc.boolean(), fc.array(classItem, { minLength: 1, maxLength: 3 }))
  .map(([isNegated, items]) => `[${isNegated ? '^' : ''}${items.join('')}]`);

const atom = fc.oneof(
  { weight: 8, arbitrary: literal },
  { weight: 3, arbitrary: fc.constant('.') },
  { weight: 3, arbitrary: characterClass },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\\d', '\\w', '\\s', '\\D', '\\W', '\\S', '\\pL', '\\PN', '\\x61', '\\x{e9}', '\\141'),
  },
  { weight: 3, arbitrary: fc.constantFrom('^', '$', '\\A', '\\z', '\\b', '\\B') },
  { weight: 1, arbitrary: fc.constantFrom('\\Qa.b\\E', '\\n', '\\t', '(?:)', '[[:word:]]', 'abc', 'abcab', 'pass') },
);

const repetition = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  { weight: 4, arbitrary: fc.constantFrom('*', '+', '?', '*?', '+?', '??') },
  { weight: 1, arbitrary: fc.constantFrom('{2}', '{0,2}', '{1,3}', '{2,}', '{0}', '{3}?', '{1,2}?', '{17}', '{20,}') },
);

const { pattern } = fc.letrec<{ pattern: string; sequence: string; repeated: string; group: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: tie('sequence') },
    {
      weight: 1,
      arbitrary: fc
        .array(tie('sequence'), { minLength: 2, maxLength: 4 })
        .map((alternatives) => alternatives.join('|')),
    },
  ),
  sequence: fc.array(tie('repeated'), { minLength: 0, maxLength: 5 }).map((parts) => parts.join('')),
  repeated: fc
    .tuple(
      fc.oneof({ maxDepth: 4 }, { weight: 5, arbitrary: atom }, { weight: 2, arbitrary: tie('group') }),
      repetition,
    )
    .map(([what, times]) => (times === '' || !/^\\Q|^abc|^pass/.test(what) ? what : `(?:${what})`) + times),
  group: fc
    .tuple(
      fc.constantFrom('(', '(?:', '(?i:', '(?s:', '(?m:', '(?U:', '(?i)(?:', '(?-s:', '(?im:', '(?P<n>'),
      tie('pattern'),
    )
    .map(([opening, inside]) => `${opening}${opening === '(?P<n>' ? inside.replaceAll('(?P<n>', '(') : inside})`),
}));

/** Patterns of RE2's syntax. A few are refused all the same: counts multiply, names occur twice. */
export const anyPattern: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '', '', '(?i)', '(?m)', '(?s)', '^'), pattern)
  .map(([start, rest]) => start + rest);

const encoder = new TextEncoder();

/** What inputs are made of: characters, and bytes that are no UTF-8. */
const pieces: readonly Uint8Array[] = [
  ...characters.map((character) => encoder.encode(character)),
  ...[
    'abc',
    'abcab',
    'pass',
    'password',
    '\r\n',
    '\n\n',
    'a\n',
    '  ',
    'aaaaaaaaaaaaaaaaaaaaa',
    'ababababababab',
    'kKsS',
  ].map((text) => encoder.encode(text)),
  ...[[0x80], [0xff], [0xc3], [0xc0, 0x80], [0xe2, 0x82], [0xe2], [0xf0, 0x9f], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80]],
  ...[[0xf4, 0x90, 0x80, 0x80], [0xf8], [0xbf, 0xbf], [0xe0, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xef, 0xbf]],
].map((piece) => Uint8Array.from(piece));

/** Bytes, short, of several lines more often than not. */
export const anyInput: fc.Arbitrary<Uint8Array> = fc
  .array(fc.constantFrom(...pieces), { maxLength: 14 })
  .map((chosen) => Uint8Array.from(chosen.flatMap((piece) => [...piece])));

function escaped(character: string): string {
  const special: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\0': '\\x00', '-': '\\-', '.': '\\.' };
  return special[character] ?? character;
}
