/**
 * The scan by the automaton and its kernel. In line mode with a prefilter, only lines that may match are run through
 * the automaton, and the ends of pieces: a line that crosses the edge of two pieces is run from piece to piece, its
 * state kept, so that no byte is copied and a line may be of any length.
 */
import { Automaton, attention } from '../dfa/automaton.ts';
import { unmarked } from '../dfa/run.ts';
import { createKernel, type Kernel } from '../kernel/kernel.ts';
import { layout } from '../kernel/layout.ts';
import type { Prefilter } from '../prefilter/prefilter.ts';
import type { Program } from '../program/program.ts';
import type { Question, Scan } from './scan.ts';

export interface ScanPlan {
  readonly program: Program;
  readonly lines: boolean;
  readonly prefilter: Prefilter | undefined;
  readonly questions: readonly Question[];
}

const newline = 10;

/** After so many visits to states that report nothing new, the patterns that are left get an automaton of their own. */
const patience = 64;

export class AutomatonScan implements Scan {
  readonly matched: Uint8Array;
  readonly missed: Uint8Array;
  readonly #plan: ScanPlan;
  readonly #kernel: Kernel;
  readonly #bytes: Uint8Array;
  readonly #room: Uint8Array;
  readonly #full: Automaton;
  #small: { readonly asked: string; readonly automaton: Automaton } | undefined;
  #automaton: Automaton;
  #table: number = layout.table;
  #state: number;
  /** Bytes of the line under way were taken, and no newline since. */
  #isInLine = false;
  #isFinished = false;
  #undecided: number;
  #idleVisits = 0;
  /** Bytes that the prefilter passed over, and those that it had run: it is left aside where it does not pay. */
  #passed = 0;
  #checked = 0;

  constructor(plan: ScanPlan, kernel: Kernel = createKernel()) {
    const { program, lines, questions, prefilter } = plan;
    this.#plan = plan;
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(kernel.memory);
    this.#room = this.#bytes.subarray(layout.input, layout.input + layout.inputLength);
    const table = new Int32Array(kernel.memory, layout.table, layout.tableLength);
    this.#full = new Automaton(program, { lines, questions, table });
    this.#bytes.set(this.#full.classes.classOf, layout.classes);
    this.#bytes[layout.input - 1] = newline;
    if (prefilter?.kind === 'fingerprints') this.#bytes.set(prefilter.tables, layout.fingerprints);
    if (prefilter?.kind === 'longRun') this.#bytes.set(prefilter.members, layout.members);
    this.matched = new Uint8Array(questions.length);
    this.missed = new Uint8Array(questions.length);
    this.#automaton = this.#full;
    this.#state = this.#full.start;
    this.#undecided = questions.length;
  }

  reset(): void {
    this.matched.fill(0);
    this.missed.fill(0);
    this.#automaton = this.#full;
    this.#table = layout.table;
    this.#state = this.#full.start;
    this.#isInLine = false;
    this.#isFinished = false;
    this.#undecided = this.matched.length;
    this.#idleVisits = 0;
    this.#passed = 0;
    this.#checked = 0;
  }

  room(): Uint8Array {
    return this.#room;
  }

  advance(byteCount: number): boolean {
    if (this.#isFinished || byteCount === 0) return this.#isFinished;
    const end = layout.input + byteCount;
    if (this.#plan.prefilter === undefined || this.#checked > this.#passed + layout.inputLength)
      this.#take(layout.input, end);
    else this.#searchLines(layout.input, end);
    return this.#isFinished;
  }

  end(): void {
    if (this.#isFinished) return;
    if (this.#plan.lines && !this.#isInLine) return;
    const state = this.#automaton.take(this.#state, 256);
    if (state < 0) this.#attend(unmarked(state));
    this.#isInLine = false;
  }

  /** Runs the lines of [from, end) that may match, and the line under way. */
  #searchLines(from: number, end: number): void {
    let at = from;
    if (this.#isInLine) {
      at = Math.min(this.#kernel.forward(at, end, newline) + 1, end);
      this.#take(from, at);
      if (this.#isInLine) return;
    }
    while (!this.#isFinished) {
      const found = this.#candidate(at, end);
      if (found >= end) {
        const last = this.#kernel.lineStart(end, at);
        this.#passed += last - at;
        this.#take(last, end);
        return;
      }
      const start = this.#bytes[found] === newline ? found + 1 : this.#kernel.lineStart(found, at);
      const stop = Math.min(this.#kernel.forward(start, end, newline) + 1, end);
      this.#passed += start - at;
      this.#checked += stop - start;
      this.#take(start, stop);
      if (this.#isInLine || stop === end) return;
      at = stop;
    }
  }

  /** The next place in [at, end) where a match may stand. A fingerprint may begin with the newline before `at`. */
  #candidate(at: number, end: number): number {
    const prefilter = this.#plan.prefilter!;
    return prefilter.kind === 'longRun'
      ? this.#kernel.longRun(at, end, prefilter.length)
      : this.#kernel.candidate(at - 1, end);
  }

  /** Runs the automaton over [at, end). */
  #take(at: number, end: number): void {
    if (at >= end) return;
    const isWhole = this.#bytes[end - 1] === newline;
    while (at < end && !this.#isFinished) {
      const stop = this.#kernel.run(at, end, this.#state, this.#table);
      let state = this.#kernel.state();
      if (stop < 0) {
        at = ~stop + 1;
        state = this.#automaton.step(state, this.#bytes[at - 1]!);
      } else at = stop;
      this.#state = unmarked(state);
      if ((state & attention) !== 0) at = this.#attendAt(at, end);
    }
    this.#isInLine = !isWhole;
  }

  /** Looks at a state that wants it; gives the place to go on at. */
  #attendAt(at: number, end: number): number {
    this.#attend(this.#state);
    if (this.#isFinished) return end;
    if (this.#automaton.isDead(this.#state)) return this.#plan.lines ? this.#kernel.forward(at, end, newline) : end;
    if (this.#idleVisits > patience && this.#plan.lines && this.#bytes[at - 1] === newline) this.#narrow();
    return at;
  }

  /** Notes what is decided on the way into `state`. */
  #attend(state: number): void {
    const before = this.#undecided;
    for (const pattern of this.#automaton.reports(state)) {
      const marks = this.#plan.questions[pattern] === 'some' ? this.matched : this.missed;
      if (marks[pattern] === 0) this.#undecided--;
      marks[pattern] = 1;
    }
    if (this.#undecided === before) this.#idleVisits++;
    this.#isFinished = this.#undecided === 0;
  }

  /** Goes on, from the start of a line, with an automaton for the patterns that are not decided. */
  #narrow(): void {
    this.#idleVisits = -Infinity;
    const { program, lines, questions } = this.#plan;
    const left = questions.map((question, i) => (this.matched[i] === 1 || this.missed[i] === 1 ? undefined : question));
    const asked = left.join();
    if (this.#small?.asked !== asked) {
      const table = new Int32Array(this.#kernel.memory, layout.smallTable, layout.smallTableLength);
      this.#small = { asked, automaton: new Automaton(program, { lines, questions: left, table }) };
    }
    this.#automaton = this.#small.automaton;
    this.#table = layout.smallTable;
    this.#state = this.#automaton.start;
  }
}
