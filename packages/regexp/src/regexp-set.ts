/** Many patterns over inputs of any length, in one pass. */
import { createJudge, type Judge } from './dfa/judge.ts';
import type { Kernel } from './kernel/kernel.ts';
import { findPrefilter } from './prefilter/prefilter.ts';
import { seesLines } from './prefilter/sees-lines.ts';
import { compileProgram } from './program/compile-program.ts';
import { simplify } from './program/simplify.ts';
import { AutomatonScan } from './scan/automaton-scan.ts';
import type { Question, Scan } from './scan/scan.ts';
import { parse } from './syntax/parse.ts';

export interface RegexpSet {
  readonly patterns: readonly string[];
  /**
   * A scan that can be used for input after input. `question` is asked of each pattern, or one question per pattern:
   * `some`, whether some line matches; `every`, whether some line does not.
   */
  scan(question?: Question | readonly Question[], kernel?: Kernel): Scan;
  /** The patterns, by their index, that match in `input` as one text, lines or not. Ascending. */
  match(input: string | Uint8Array): number[];
}

export interface SetOptions {
  /** A text is a line, and a match never spans two. Default true. Without it, the whole input is one text. */
  readonly lines?: boolean;
  /** Most instructions that the patterns may compile to. Default 100,000. */
  readonly maxProgramSize?: number;
}

/**
 * Compiles `patterns`. Throws RegexpSyntaxError for the first that is wrong, an Error when they are too large.
 *
 * Line mode: `\n` ends a line and is no part of it, a `\r` before it is; an input that ends with a newline has no
 * further line, and an empty input has none at all. `^`, `$`, `\A` and `\z` are the ends of the line.
 */
export function compileSet(
  patterns: readonly string[],
  { lines = true, maxProgramSize = 100_000 }: SetOptions = {},
): RegexpSet {
  const trees = patterns.map((pattern) => simplify(parse(pattern)));
  const program = compileProgram(trees, { lines, maxProgramSize });
  let judge: Judge | undefined;
  return {
    patterns,
    scan(question = 'some', kernel) {
      const questions = typeof question === 'string' ? patterns.map(() => question) : question;
      const isSome = questions.every((one) => one === 'some');
      const canSkip = isSome && (lines || !trees.some(seesLines));
      const prefilter = canSkip ? findPrefilter(trees) : undefined;
      return new AutomatonScan({ program, lines: lines || prefilter !== undefined, questions, prefilter }, kernel);
    },
    match(input) {
      judge ??= createJudge(lines ? compileProgram(trees, { lines: false, maxProgramSize }) : program);
      return judge.matches(input);
    },
  };
}
