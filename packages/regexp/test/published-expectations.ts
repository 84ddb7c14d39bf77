/**
 * RE2's published expectations, as Go ships them with its source (Debian: golang-src): patterns, texts, and where each
 * pattern is to match. Made by `make log` in RE2's own tests; Go's regexp/exec_test.go describes the form.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { compile } from '../src/index.ts';

const folder = '/usr/share/go/src/regexp/testdata';

/** A pattern, and for each of `texts` the bounds of its leftmost-first match: `2-5`, or `-` for none. */
interface Expectation {
  readonly pattern: string;
  readonly texts: readonly string[];
  readonly bounds: readonly string[];
}

/**
 * Compares our answers with the expectations in file `name`: with every `step`th pattern of it. Gives what differs, and
 * the number of pairs of a pattern and a text that were compared.
 */
export function compareWithPublished(name: string, step: number): { readonly wrong: string[]; readonly pairs: number } {
  const wrong: string[] = [];
  let pairs = 0;
  let number = 0;
  for (const { pattern, texts, bounds } of publishedExpectations(name)) {
    if (number++ % step !== 0 || pattern.includes('\\C')) continue;
    const regexp = compile(pattern);
    for (const [i, text] of texts.entries()) {
      if (!isShared(pattern, text)) continue;
      pairs++;
      const expected = bounds[i]!;
      const found = regexp.find(text);
      const shown = found === undefined ? '-' : `${found.start}-${found.end}`;
      if (shown === expected && regexp.test(text) === (expected !== '-')) continue;
      wrong.push(`/${pattern}/ on ${JSON.stringify(text)}: find ${shown}, test ${regexp.test(text)}, RE2: ${expected}`);
    }
  }
  return { wrong, pairs };
}

/** RE2 has `\C`, a single byte, which Go has not; and its `\B` holds between the bytes of a character, Go's does not. */
function isShared(pattern: string, text: string): boolean {
  return !(pattern.includes('B') && /[^\x00-\x7f]/.test(text));
}

/** Reads the expectations in file `name`. Throws where the Debian package is not installed. */
function* publishedExpectations(name: string): Generator<Expectation> {
  let texts: string[] = [];
  let pattern: string | undefined;
  let bounds: string[] = [];
  let isListing = false;
  for (const line of linesOf(name)) {
    if (line === 'strings') {
      texts = [];
      isListing = true;
    } else if (line === 'regexps') isListing = false;
    else if (line.startsWith('"')) {
      if (isListing) texts.push(unquote(line));
      else pattern = unquote(line);
    } else if (/^[-\d]/.test(line) && pattern !== undefined) {
      // Four answers: anchored at both ends, then anywhere, each for the first and for the longest match.
      bounds.push(line.split(';')[1]!.split(' ')[0]!);
      if (bounds.length < texts.length) continue;
      yield { pattern, texts, bounds };
      [pattern, bounds] = [undefined, []];
    }
  }
}

function linesOf(name: string): string[] {
  try {
    const path = `${folder}/${name}`;
    if (!name.endsWith('.bz2')) return readFileSync(path, 'utf8').split('\n');
    return execFileSync('bzip2', ['-dc', path], { maxBuffer: 1 << 28 })
      .toString()
      .split('\n');
  } catch (cause) {
    throw new Error(`RE2's expectations are not here: apt-get install golang-src bzip2`, { cause });
  }
}

/** Reads a text in Go's quotes, in which the files escape little. */
function unquote(quoted: string): string {
  const escapes: Readonly<Record<string, string>> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
  return quoted
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hexadecimal: string | undefined, letter: string) => {
      if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
      return escapes[letter] ?? letter;
    });
}
