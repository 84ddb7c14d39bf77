/** One regular expression over texts: names, paths, versions. For files and memory, see RegexpSet. */
import { Automaton, unknown } from './dfa/automaton.ts';
import { runAutomaton, unmarked } from './dfa/run.ts';
import { findLeftmost, type Match } from './find/find-leftmost.ts';
import { compileProgram } from './program/compile-program.ts';
import { simplify } from './program/simplify.ts';
import { parse } from './syntax/parse.ts';

export interface Regexp {
  /** The pattern as it was given. */
  readonly source: string;
  /** Whether some part of `input` matches. A string is matched as its UTF-8 bytes. */
  test(input: string | Uint8Array): boolean;
  /** The bounds in bytes of the leftmost match, the one that a backtracking engine would take; undefined without one. */
  find(input: string | Uint8Array): Match | undefined;
}

/** Entries of the table of a pattern that judges texts: 256 KiB. */
const tableLength = 1 << 16;

const encoder = new TextEncoder();

/**
 * Compiles `pattern`, RE2's syntax with Go's meaning (https://pkg.go.dev/regexp/syntax).
 * Throws RegexpSyntaxError, or an Error when the pattern is too large.
 */
export function compile(pattern: string): Regexp {
  const tree = parse(pattern);
  const program = compileProgram([simplify(tree)], { lines: false });
  let judge: ((input: string | Uint8Array) => boolean) | undefined;
  return {
    source: pattern,
    test(input) {
      judge ??= createJudge(program);
      return judge(input);
    },
    find: (input) => findLeftmost(tree, typeof input === 'string' ? encoder.encode(input) : input),
  };
}

/** The automaton is made at the first test: patterns that are only validated do not pay for it. */
function createJudge(program: ReturnType<typeof compileProgram>): (input: string | Uint8Array) => boolean {
  const table = new Int32Array(tableLength);
  const automaton = new Automaton(program, { lines: false, questions: ['some'], table });
  const { classOf, count } = automaton.classes;
  const { start } = automaton;

  function testBytes(bytes: Uint8Array): boolean {
    const stop = { at: 0, state: start };
    runAutomaton(automaton, table, bytes, bytes.length, stop);
    if (stop.state >= 0) stop.state = automaton.take(stop.state, 256);
    return automaton.reports(unmarked(stop.state)).length > 0;
  }

  /** Names and paths are short and mostly ASCII: walked as they are, no bytes made. */
  function testString(text: string): boolean {
    let state = start;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) return testBytes(encoder.encode(text));
      let next = table[state + classOf[unit]!]!;
      if (next === unknown) next = automaton.step(state, unit);
      if (next < 0) return automaton.reports(unmarked(next)).length > 0;
      state = next;
    }
    const last = table[state + count]!;
    const end = last === unknown ? automaton.step(state, 256) : last;
    return automaton.reports(unmarked(end)).length > 0;
  }

  return (input) => (typeof input === 'string' ? testString(input) : testBytes(input));
}
