import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitWords } from './split-words.ts';

/** What sh(1) makes of the words; undefined where it says that a quote has no end. */
function wordsOfShell(text: string): string[] | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', `set -- ${text}\nfor word; do printf '%s\\0' "$word"; done`]);
  return status === 0 ? stdout.toString().split('\0').slice(0, -1) : undefined;
}

test('words are those of a shell', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '-', 'é', ' ', '\t', "'", '"', '\\'), maxLength: 12 });
  fc.assert(
    fc.property(text, (given) => {
      // In a shell a backslash before the end of a line joins it with the next one, and here it stands for itself.
      fc.pre(!given.endsWith('\\'));
      const expected = wordsOfShell(given);
      if (expected === undefined) expect(() => splitWords(given)).toThrow(/expected another ['"] that ends/);
      else expect(splitWords(given)).toEqual(expected);
    }),
    {
      numRuns: 150,
      examples: [[`-w "/a b" -k 'c d'e -F x="y z"`], ['a "b c" \'d "\' e\\ f'], ['"" \'\''], ['"a\\"b"'], ["'a"]],
    },
  );
});
