import { describe, expect, test } from 'vitest';
import { publishedExpectations } from '../test/published-expectations.ts';
import { compile } from './index.ts';

/** RE2 has `\C`, a single byte, which Go has not; and its `\B` holds between the bytes of a character, Go's does not. */
function isShared(pattern: string, text: string): boolean {
  return !pattern.includes('C') && !(pattern.includes('B') && /[^\x00-\x7f]/.test(text));
}

describe("RE2's published expectations", () => {
  for (const name of ['re2-search.txt', 're2-exhaustive.txt.bz2']) {
    test(`${name}: every pattern matches where RE2 says, and nowhere else`, { timeout: 600_000 }, () => {
      const wrong: string[] = [];
      let pairs = 0;
      for (const { pattern, texts, bounds } of publishedExpectations(name)) {
        const regexp = pattern.includes('\\C') ? undefined : compile(pattern);
        texts.forEach((text, i) => {
          if (regexp === undefined || !isShared(pattern, text)) return;
          pairs++;
          const expected = bounds[i]!;
          const found = regexp.find(text);
          const shown = found === undefined ? '-' : `${found.start}-${found.end}`;
          if (shown !== expected || regexp.test(text) !== (expected !== '-')) {
            wrong.push(
              `/${pattern}/ on ${JSON.stringify(text)}: find ${shown}, test ${regexp.test(text)}, RE2: ${expected}`,
            );
          }
        });
      }
      expect(wrong.slice(0, 20)).toEqual([]);
      expect(pairs).toBeGreaterThan(name.endsWith('.bz2') ? 5_000_000 : 1500);
    });
  }
});
