import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sample } from '../testing/sample-module.ts';
import { helpLines } from './help.ts';
import { flagsOf } from './layout.ts';
import { parseFlags } from './parse.ts';
import { promptParameters } from './prompt.ts';
import { closest } from './suggestion.ts';

const readText = (path: string) => {
  if (path === 'there') return 'the text';
  throw new Error('no such file');
};
const parse = (...words: string[]) => parseFlags(sample, words, readText);

describe('parseFlags', () => {
  test('takes one dash and two, a value behind a space or an equals sign, and lists', () => {
    expect(parse('-word', 'a', '--word', 'b', '-word=c d', '-level', '3', '-loud', '-deep')).toEqual({
      words: ['a', 'b', 'c d'],
      level: 3,
      loud: true,
      options: { deep: true },
    });
  });

  test('takes a value that begins with a dash', () => {
    expect(parse('-word', '-rw-')).toEqual({ words: ['-rw-'] });
  });

  test('switches off by the opposite flag, and by =false', () => {
    expect(parse('-quiet')).toEqual({ loud: false });
    expect(parse('-loud=false')).toEqual({ loud: false });
  });

  test('reads a file that a flag names', () => {
    expect(parse('-text', 'there')).toEqual({ text: 'the text' });
  });

  test.each([
    [['-wrod', 'x'], 'module sample has no flag -wrod: did you mean -word?'],
    [['-zzzzz'], 'module sample has no flag -zzzzz: expected one of -does -word -level -loud -quiet -text -deep'],
    [['word'], "expected a flag of module sample such as -does <text>, got 'word'"],
    [['-word'], 'flag -word: expected <word> after it, got nothing'],
    [['-level', 'x'], "flag -level: expected a number, got 'x'"],
    [['-level', '1', '-level', '2'], 'flag -level is given twice: give it once'],
    [['-loud', '-quiet'], 'flags -loud and -quiet exclude each other: give it once'],
    [['-loud=maybe'], "flag -loud: expected nothing, =true or =false after it, got 'maybe'"],
    [['-text', 'gone'], "flag -text: cannot read 'gone': no such file"],
    [['-does', 'dance'], /parameter 'does': expected one of/],
  ])('refuses %j', (words, message) => {
    expect(() => parse(...words)).toThrow(message);
  });
});

describe('helpLines', () => {
  test('shows every flag and every example as it is typed', () => {
    const help = helpLines(sample);
    for (const { name } of flagsOf(sample)) expect(help.some((line) => line.startsWith(`  -${name}`))).toBe(true);
    expect(help).toContain("    mig sample -t local -word one -word 'two words'");
  });

  test('says what stands for a flag that is not given, where that is more than nothing', () => {
    const help = helpLines(sample).filter((line) => line.startsWith('  -'));
    expect(help.filter((line) => line.includes('Default'))).toEqual([
      expect.stringMatching(/^ {2}-does .* Default answer\.$/),
      expect.stringMatching(/^ {2}-order .* Default up\.$/),
    ]);
  });

  test('shows the words of a choice, where they are few', () => {
    const help = helpLines(sample).map((line) => line.trim());
    expect(help).toContainEqual(expect.stringMatching(/^-order <up\|down> /));
    expect(help).toContainEqual(expect.stringMatching(/^-does <text> /));
  });

  test('says of a module without parameters that it has none', () => {
    const bare = { ...sample, parameters: z.strictObject({}), examples: [] };
    expect(helpLines(bare)[3]).toBe('It has no parameters.');
    expect(helpLines(bare, '')[3]).toBe('It has no parameters; done ends.');
  });

  test('has no dashes for a prompt', () => {
    expect(helpLines(sample, '').some((line) => /^ {2}-/.test(line))).toBe(false);
    const examples = helpLines(sample, '').slice(-4);
    expect(examples).toEqual([
      '  What are two words?',
      '    word one ⏎ word two words',
      '  What is nothing?',
      '    done',
    ]);
  });
});

describe('promptParameters', () => {
  const prompt = async (...typed: string[]) => {
    const said: string[] = [];
    const lines = typed[Symbol.iterator]();
    const parameters = await promptParameters(
      sample,
      { ask: async () => lines.next().value as string | undefined, say: (line) => void said.push(line) },
      readText,
    );
    return { parameters, said };
  };

  test('takes the words of the flags without dash, the value being the rest of the line', async () => {
    const { parameters } = await prompt('word two words', 'level 3', 'loud', 'done');
    expect(parameters).toEqual({ words: ['two words'], level: 3, loud: true });
  });

  test('explains a wrong line, loses nothing, and asks again', async () => {
    const { parameters, said } = await prompt('word a', 'level ten', 'wrod b', 'level 99', 'done');
    expect(parameters).toEqual({ words: ['a'] });
    expect(said.slice(1)).toEqual([
      "flag -level: expected a number, got 'ten'",
      'module sample has no flag -wrod: did you mean -word?',
      "parameter 'level': expected at most 9, got 99",
    ]);
  });

  test('refuses what was given already as soon as it is typed', async () => {
    const { parameters, said } = await prompt('level 3', 'level 4', 'loud', 'quiet', 'done');
    expect(parameters).toEqual({ level: 3, loud: true });
    expect(said.slice(1)).toEqual([
      'flag -level is given twice: give it once',
      'flags -loud and -quiet exclude each other: give it once',
    ]);
  });

  test('takes a line back with undo, and shows what was given', async () => {
    const { parameters, said } = await prompt('word a', 'word b', 'undo', 'show', 'done');
    expect(parameters).toEqual({ words: ['a'] });
    expect(said.at(-1)).toBe('word a');
  });

  test('prints help in the middle, and gives nothing when input ends', async () => {
    const { parameters, said } = await prompt('help', 'word a');
    expect(parameters).toBeUndefined();
    expect(said).toContain('Examples:');
  });
});

test('closest gives no word when two are as near', () => {
  expect(closest('wor', ['word', 'work'])).toBeUndefined();
  expect(closest('word', ['words', 'else'])).toBe('words');
});
