import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Misuse } from './misuse.ts';
import { noWords, readWords } from './read-words.ts';

const kinds = { config: 'value', last: 'value', json: 'switch' } as const;

test('reads options with one dash or two, values after them or in them, and the others in their order', () => {
  expect(readWords(['audit', '--config', 'a b', '-json', 'verify', '--last=-3', '-'], kinds)).toEqual({
    options: { config: 'a b', last: '-3', json: true },
    others: ['audit', 'verify', '-'],
  });
  expect(readWords([], kinds)).toEqual({ options: { config: undefined, last: undefined, json: false }, others: [] });
});

test.each([
  [['--bogus'], "expected one of --config --last --json, got '--bogus'"],
  [['--bogus=1'], "expected one of --config --last --json, got '--bogus=1'"],
  [['--conf', 'x'], "expected one of --config --last --json, got '--conf'"],
  [['-c'], "expected one of --config --last --json, got '-c'"],
  [['--'], "expected one of --config --last --json, got '--'"],
  [['--constructor'], "expected one of --config --last --json, got '--constructor'"],
  [['--config'], '--config: expected a value after it, got nothing'],
  [['--config', '--json'], "--config: expected a value after it, got '--json': if it is the value, --config=--json"],
  [['--config', ''], '--config: expected a value, got an empty one'],
  [['--config='], '--config: expected a value, got an empty one'],
  [['--json=yes'], "--json: expected no value, got 'yes'"],
  [['--last', '3', '-last=4'], '--last: expected it once, got it twice'],
])('%j is one sentence', (words, message) => {
  expect(() => readWords(words, kinds)).toThrow(new Misuse(message));
});

test('refuses words where only options are expected', () => {
  expect(() => noWords(['a', 'b'])).toThrow(new Misuse("expected only options, got 'a b'"));
  noWords([]);
});

test('no word is lost, whatever the words are: each is an option, a value or one of the others, or refused', () => {
  const word = fc.oneof(fc.constantFrom('--config', '-last', '--json', '--config=x', '-'), fc.string());
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      try {
        const { options, others } = readWords(words, kinds);
        const used = words.filter((one) => /^--?(config|last)=/.test(one)).length;
        const values = [options.config, options.last].filter((value) => value !== undefined).length;
        expect(others.length + (values - used) * 2 + used + Number(options.json)).toBe(words.length);
      } catch (error) {
        if (!(error instanceof Misuse)) throw error;
      }
    }),
  );
});
