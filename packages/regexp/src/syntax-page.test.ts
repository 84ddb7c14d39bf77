/**
 * RE2's syntax page (https://github.com/google/re2/wiki/Syntax), line by line and in its order: what it lists is accepted
 * with the meaning it gives, what it lists as not supported is refused with its position, or stands for its own
 * characters where Go and RE2 take it for those. `re2js` is asked the same.
 */
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { compile } from './regexp.ts';
import { RegexpSyntaxError } from './syntax/regexp-syntax-error.ts';

/** A pattern, texts that match it as a whole, texts that do not. */
type Line = readonly [pattern: string, matches: readonly string[], others: readonly string[]];

const accepted: Readonly<Record<string, readonly Line[]>> = {
  'single characters': [
    ['.', ['a', 'é', '\u{1F600}'], ['\n', 'ab', '']],
    ['(?s).', ['a', '\n'], ['ab']],
    ['[xyz]', ['x', 'z'], ['a', 'xy']],
    ['[^xyz]', ['a', '\n', 'é'], ['x']],
    ['\\d', ['0', '9'], ['a', '٣']],
    ['\\D', ['a', '٣'], ['0']],
    ['[[:alpha:]]', ['a', 'Z'], ['0', 'é']],
    ['[[:^alpha:]]', ['0', 'é'], ['a']],
    ['\\pN', ['1', '٣', 'Ⅷ'], ['a']],
    ['\\p{Greek}', ['α', 'Ω'], ['a']],
    ['\\PN', ['a'], ['1', '٣']],
    ['\\P{Greek}', ['a'], ['α']],
    ['\\p{^Greek}', ['a'], ['α']],
  ],
  composites: [
    ['xy', ['xy'], ['x', 'yx']],
    ['x|y', ['x', 'y'], ['xy']],
  ],
  repetitions: [
    ['x*', ['', 'xxx'], ['y']],
    ['x+', ['x', 'xxx'], ['']],
    ['x?', ['', 'x'], ['xx']],
    ['x{2,3}', ['xx', 'xxx'], ['x', 'xxxx']],
    ['x{2,}', ['xx', 'xxxxxx'], ['x']],
    ['x{2}', ['xx'], ['x', 'xxx']],
    ['x*?', ['', 'xxx'], ['y']],
    ['x+?', ['x', 'xxx'], ['']],
    ['x??', ['', 'x'], ['xx']],
    ['x{2,3}?', ['xx', 'xxx'], ['x']],
    ['x{2,}?', ['xx', 'xxxxxx'], ['x']],
    ['x{2}?', ['xx'], ['x', 'xxx']],
    ['x{1000}', ['x'.repeat(1000)], ['x'.repeat(999)]],
    ['x{}', ['x{}'], ['x', '']],
    ['x{-}', ['x{-}'], ['x']],
    ['x{-2}', ['x{-2}'], ['xx']],
    ['x=', ['x='], ['x']],
    ['x{,2}', ['x{,2}'], ['xx']],
  ],
  grouping: [
    ['(re)', ['re'], ['r']],
    ['(?P<name>re)', ['re'], ['r']],
    ['(?<name>re)', ['re'], ['r']],
    ['(?:re)', ['re'], ['r']],
    ['(?i)re', ['rE'], ['r']],
    ['(?i:r)e', ['Re'], ['RE']],
    ['((?i)r)e', ['Re'], ['RE']],
    ['re@>', ['re@>'], ['re']],
    ['%(re)', ['%re'], ['re']],
  ],
  flags: [
    ['(?i)straße', ['STRAßE'], ['strasse']],
    ['(?m)a$\\n^b', ['a\nb'], ['ab']],
    ['(?-m)a\\n?b', ['a\nb', 'ab'], ['a']],
    ['(?s)a.b', ['a\nb'], ['ab']],
    ['(?U)a+', ['aa'], ['']],
    ['(?is-mU)A.b', ['a\nB'], ['ab']],
    ['(?i-s)A.b', ['axB'], ['a\nb']],
  ],
  'empty strings': [
    ['^a$', ['a'], ['ba', 'a\n']],
    ['\\Aa\\z', ['a'], ['a\n']],
    ['a\\b-', ['a-'], ['a']],
    ['a\\Bb', ['ab'], ['a']],
    ['re&', ['re&'], ['re']],
    ['re@=', ['re@='], ['re']],
    ['re@!', ['re@!'], ['re']],
    ['re@<=', ['re@<='], ['re']],
    ['re@<!', ['re@<!'], ['re']],
    ['\\%', ['%'], ['']],
  ],
  'escape sequences': [
    ['\\a', ['\x07'], ['a']],
    ['\\f', ['\x0c'], ['f']],
    ['\\t', ['\t'], ['t']],
    ['\\n', ['\n'], ['n']],
    ['\\r', ['\r'], ['r']],
    ['\\v', ['\x0b'], ['v']],
    ['\\*', ['*'], ['']],
    ['\\123', ['S'], ['123']],
    ['\\07', ['\x07'], ['7']],
    ['\\x7F', ['\x7f'], ['x7F']],
    ['\\x{10FFFF}', ['\u{10ffff}'], ['x']],
    ['\\Qa.*\\Eb', ['a.*b'], ['axb']],
    ['\\Qa.*', ['a.*'], ['ab']],
  ],
  'elements of classes': [
    ['[x]', ['x'], ['y']],
    ['[A-Z]', ['A', 'M'], ['a']],
    ['[\\d]', ['3'], ['a']],
    ['[^\\d]', ['a'], ['3']],
    ['[\\D]', ['a'], ['3']],
    ['[^\\D]', ['3'], ['a']],
    ['[[:digit:]x]', ['3', 'x'], ['a']],
    ['[^[:digit:]]', ['a'], ['3']],
    ['[\\p{Greek}x]', ['α', 'x'], ['a']],
    ['[^\\p{Greek}]', ['a'], ['α']],
    ['[\\pNx]', ['1', 'x'], ['a']],
    ['[]a]', [']', 'a'], ['b']],
    ['[a-]', ['a', '-'], ['b']],
  ],
  'classes of Perl': [
    ['\\s', ['\t', '\n', '\f', '\r', ' '], ['\v', '\u00a0', 'a']],
    ['\\S', ['a', '\v'], [' ']],
    ['\\w', ['0', 'a', 'Z', '_'], ['é', '-']],
    ['\\W', ['é', '-'], ['a']],
  ],
  'ASCII classes': [
    ['[[:alnum:]]', ['0', 'a'], ['_']],
    ['[[:ascii:]]', ['\x00', '\x7f'], ['é']],
    ['[[:blank:]]', ['\t', ' '], ['\n']],
    ['[[:cntrl:]]', ['\x1f', '\x7f'], ['a']],
    ['[[:graph:]]', ['!', '~'], [' ']],
    ['[[:lower:]]', ['a'], ['A']],
    ['[[:print:]]', [' ', '~'], ['\t']],
    ['[[:punct:]]', ['!', '@', '`', '~'], ['a']],
    ['[[:space:]]', ['\t', '\n', '\v', '\f', '\r', ' '], ['a']],
    ['[[:upper:]]', ['A'], ['a']],
    ['[[:word:]]', ['_', '0'], ['-']],
    ['[[:xdigit:]]', ['f', 'F', '0'], ['g']],
  ],
};

/** One character of each general category that the page lists. */
const categories: Readonly<Record<string, string>> = {
  C: '\u0001', Cc: '\u0001', Cf: '\u00ad', Co: '\ue000', L: 'a', Ll: 'a', Lm: 'ʰ', Lo: 'א', Lt: 'ǅ', Lu: 'A', M: '\u0301',
  Mc: '\u0903', Me: '\u0488', Mn: '\u0301', N: '1', Nd: '1', Nl: 'Ⅷ', No: '²', P: '!', Pc: '_', Pd: '-', Pe: ')', Pf: '»',
  Pi: '«', Po: '!', Ps: '(', S: '+', Sc: '$', Sk: '^', Sm: '+', So: '©', Z: ' ', Zl: '\u2028', Zp: '\u2029', Zs: ' ',
}; // biome-ignore format: a table

const scripts =
  'Arabic Armenian Balinese Bengali Bopomofo Braille Buginese Buhid Canadian_Aboriginal Carian Cham Cherokee Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Ethiopic Georgian Glagolitic Gothic Greek Gujarati Gurmukhi Han Hangul Hanunoo Hebrew Hiragana Inherited Kannada Katakana Kayah_Li Kharoshthi Khmer Lao Latin Lepcha Limbu Linear_B Lycian Lydian Malayalam Mongolian Myanmar New_Tai_Lue Nko Ogham Ol_Chiki Old_Italic Old_Persian Oriya Osmanya Phags_Pa Phoenician Rejang Runic Saurashtra Shavian Sinhala Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tamil Telugu Thaana Thai Tibetan Tifinagh Ugaritic Vai Yi';

/** Refused, with the place where it stands. */
const refused: readonly (readonly [pattern: string, position: number])[] = [
  ...['x*+', 'x++', 'x?+'].map((pattern) => [pattern, 2] as const),
  ['x{2,3}+', 6],
  ['x{2,}+', 5],
  ['x{2}+', 4],
  ['x{1001}', 1],
  ['x{2,1001}', 1],
  ...["(?'name're)", '(?#text)', '(?|x|y|z)', '(?>re)'].map((pattern) => [pattern, 0] as const),
  ...['(?=re)', '(?!re)', '(?<=re)', '(?<!re)'].map((pattern) => [`a${pattern}`, 1] as const),
  ...[
    ...['\\G', '\\Z', '\\1', '\\8', '\\cK', '\\e', '\\g1', '\\g{1}', '\\g{+1}', '\\g{name}', '\\g<name>', '\\k<name>'],
    ...['\\lX', '\\ux', '\\L..\\E', '\\K', '\\N{name}', '\\R', '\\U..\\E', '\\X', '\\C', '\\h', '\\H', '\\V'],
    ...['\\i', '\\I', '\\o', '\\O', '\\F', '\\c', '\\m', '\\M', '\\y', '\\x', '\\xZZ', '\\x{110000}'],
  ].map((pattern) => [`a${pattern}`, 1] as const),
  ...['(?{code})', '(??{code})', '(?1)', '(?+1)', '(?-1)', '(?C)', '(?R)', '(?&name)', '(?P=name)', '(?P>name)'].map(
    (pattern) => [`a${pattern}`, 1] as const,
  ),
  ...['(?(cond)true|false)', '(?(cond)true)'].map((pattern) => [`a${pattern}`, 1] as const),
  ...['(*ACCEPT)', '(*COMMIT)', '(*F)', '(*SKIP)', '(*ANYCRLF)', '(*BSR_UNICODE)'].map(
    (pattern) => [pattern, 1] as const,
  ),
  ...['\\p{Cn}', '\\p{LC}', '\\p{L&}', '[[:foo:]]'].map(
    (pattern) => [pattern, pattern.startsWith('[') ? 1 : 0] as const,
  ),
];

const isWhole = (pattern: string, text: string) => compile(`\\A(?:${pattern})\\z`).test(text);

describe("RE2's syntax page: accepted", () => {
  for (const [title, lines] of Object.entries(accepted)) {
    test.each(lines)(`${title}: %s`, (pattern, matches, others) => {
      // `\Q` without an end takes all that follows it: it is asked alone.
      const ask = pattern === '\\Qa.*' ? (text: string) => compile(pattern).test(text) : undefined;
      for (const text of matches) expect([text, (ask ?? ((t) => isWhole(pattern, t)))(text)]).toEqual([text, true]);
      for (const text of others) expect([text, (ask ?? ((t) => isWhole(pattern, t)))(text)]).toEqual([text, false]);
      if (ask !== undefined) return;
      const reference = RE2JS.compile(`\\A(?:${pattern})\\z`);
      for (const text of [...matches, ...others]) {
        expect([text, reference.matcher(text).find()]).toEqual([text, isWhole(pattern, text)]);
      }
    });
  }

  test('every general category, with and against a character of it, and every script', () => {
    for (const [name, character] of Object.entries(categories)) {
      const yes = name.length === 1 ? `\\p${name}` : `\\p{${name}}`;
      expect([name, isWhole(yes, character), isWhole(`\\P{${name}}`, character)]).toEqual([name, true, false]);
    }
    for (const name of scripts.split(' ')) {
      // JavaScript's own Unicode tables are the reference: the first character of each script.
      const own = new RegExp(`^\\p{Script=${name}}$`, 'u');
      let first = 0;
      while (!own.test(String.fromCodePoint(first))) first++;
      expect([name, isWhole(`\\p{${name}}`, String.fromCodePoint(first))]).toEqual([name, true]);
      expect([name, isWhole(`\\P{${name}}`, String.fromCodePoint(first))]).toEqual([name, false]);
    }
  });
});

describe("RE2's syntax page: not supported", () => {
  test.each(refused)('%s is refused at %i, by re2js as well', (pattern, position) => {
    let error: unknown;
    try {
      compile(pattern);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RegexpSyntaxError);
    expect((error as RegexpSyntaxError).position).toBe(position);
    expect((error as RegexpSyntaxError).reason.length).toBeGreaterThan(10);
    if (!['\\p{Cn}', '\\p{LC}'].includes(pattern)) expect(() => RE2JS.compile(pattern)).toThrow();
  });
});
