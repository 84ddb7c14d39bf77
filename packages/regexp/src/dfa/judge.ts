/** Judges whole texts that are at hand: names, paths, versions. */
import type { Program } from '../program/program.ts';
import { Automaton, unknown, unmarked } from './automaton.ts';
import { runAutomaton } from './run.ts';

export interface Judge {
  /** Whether some pattern matches. */
  test(input: string | Uint8Array): boolean;
  /** The patterns that match, ascending. */
  matches(input: string | Uint8Array): number[];
}

/** Entries of the table: 16 KiB do for most patterns, of which there may be thousands; 256 KiB for those that fill it. */
const tableLength = 1 << 12;
const largeTableLength = 1 << 16;

const encoder = new TextEncoder();

/** A judge of texts by `program`, which was compiled without lines. */
export function createJudge(program: Program): Judge {
  const questions = program.starts.map(() => 'some' as const);
  let table = new Int32Array(tableLength);
  let automaton = new Automaton(program, { lines: false, questions, table });
  const { classOf, count } = automaton.classes;
  let { start } = automaton;

  function makeRoom(): void {
    if (automaton.flushes === 0 || table.length === largeTableLength) return;
    table = new Int32Array(largeTableLength);
    automaton = new Automaton(program, { lines: false, questions, table });
    start = automaton.start;
  }

  function testBytes(bytes: Uint8Array): boolean {
    makeRoom();
    const stop = { at: 0, state: start };
    runAutomaton(automaton, table, bytes, bytes.length, stop);
    if (stop.state >= 0) stop.state = automaton.take(stop.state, 256);
    return automaton.reports(unmarked(stop.state)).length > 0;
  }

  /** Names and paths are short and mostly ASCII: walked as they are, no bytes made. */
  function testString(text: string): boolean {
    makeRoom();
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

  function matches(bytes: Uint8Array): number[] {
    makeRoom();
    const found = new Set<number>();
    const stop = { at: 0, state: start };
    while (stop.at < bytes.length && found.size < questions.length) {
      runAutomaton(automaton, table, bytes, bytes.length, stop);
      stop.state = unmarked(stop.state);
      for (const pattern of automaton.reports(stop.state)) found.add(pattern);
      if (automaton.isDead(stop.state)) break;
    }
    if (found.size < questions.length)
      for (const pattern of automaton.reports(unmarked(automaton.take(stop.state, 256)))) found.add(pattern);
    return [...found].sort((a, b) => a - b);
  }

  return {
    test: (input) => (typeof input === 'string' ? testString(input) : testBytes(input)),
    matches: (input) => matches(typeof input === 'string' ? encoder.encode(input) : input),
  };
}
