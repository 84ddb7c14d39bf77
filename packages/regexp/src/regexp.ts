/** One regular expression over texts: names, paths, versions. For files and memory, see RegexpSet. */
import { createJudge, type Judge } from './dfa/judge.ts';
import { findLeftmost, type Match } from './find/find-leftmost.ts';
import { lastCharacters } from './prefilter/last-character.ts';
import { compileProgram } from './program/compile-program.ts';
import { defaultProgramSize, requireSmall } from './program/program-size.ts';
import { simplify } from './program/simplify.ts';
import { parse } from './syntax/parse.ts';

export interface Regexp {
  /** The pattern as it was given. */
  readonly source: string;
  /** Makes what the first test that needs it would make: about a millisecond, which thousands of patterns may want to spread. */
  prepare(): void;
  /** Whether some part of `input` matches. A string is matched as its UTF-8 bytes. */
  test(input: string | Uint8Array): boolean;
  /** The bounds in bytes of the leftmost match, the one that a backtracking engine would take; undefined without one. */
  find(input: string | Uint8Array): Match | undefined;
}

const encoder = new TextEncoder();

/** Whether `input` ends with one of `endings`, or with a character that is not ASCII. */
function mayEnd(input: string | Uint8Array, endings: Uint8Array): boolean {
  const at = input.length - 1;
  if (at < 0) return false;
  const last = typeof input === 'string' ? input.charCodeAt(at) : input[at]!;
  return last > 0x7f || endings[last] === 1;
}

/**
 * Compiles `pattern`, RE2's syntax with Go's meaning (https://pkg.go.dev/regexp/syntax).
 * Throws RegexpSyntaxError, or an Error when the pattern is too large.
 */
export function compile(pattern: string): Regexp {
  const tree = parse(pattern);
  const simple = simplify(tree);
  requireSmall([simple], defaultProgramSize);
  const endings = lastCharacters(tree);
  let judge: Judge | undefined;
  /** Not made before it is needed: patterns that are only validated do not pay for it. */
  const prepared = () => {
    judge ??= createJudge(compileProgram([simple], { lines: false }));
    return judge;
  };
  return {
    source: pattern,
    prepare: () => void prepared(),
    test(input) {
      if (endings !== undefined && !mayEnd(input, endings)) return false;
      return prepared().test(input);
    },
    find(input) {
      const bytes = typeof input === 'string' ? encoder.encode(input) : input;
      // The automaton is some fifty times as fast, and there is nothing to find more often than not.
      return this.test(bytes) ? findLeftmost(tree, bytes) : undefined;
    },
  };
}
