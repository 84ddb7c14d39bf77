/**
 * The scan by the automaton and its kernel. In line mode with a prefilter, only lines that may match are run through
 * the automaton; without one, four stretches of a piece at a time. A line that crosses the edge of two pieces is run
 * from piece to piece, its state kept, so that it may be of any length; what is short of it, and may not match as far
 * as it goes, is kept in front of the next piece instead.
 */
import { Automaton, attention, unmarked } from '../dfa/automaton.ts';
import { createKernel, type Kernel } from '../kernel/kernel.ts';
import { layout, seekKinds } from '../kernel/layout.ts';
import type { Prefilter } from '../prefilter/prefilter.ts';
import { writePrefilter } from '../prefilter/write-prefilter.ts';
import type { Program } from '../program/program.ts';
import { Lanes } from './lanes.ts';
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

/** Bytes that are taken at a time: what was read is still near the processor when it is searched. */
const pieceLength = layout.inputLength / 2;

/** Places where bytes are copied to fastest are multiples of it: the line of a processor's cache. */
const alignment = 64;

/** Most bytes of a line that are kept for the next piece. */
const mostKept = layout.inputLength - pieceLength - alignment;

/** A prefilter is left aside when more than this share of the bytes has to be run all the same. */
const worthwhileShare = 1 / 5;

export class AutomatonScan implements Scan {
  readonly matched: Uint8Array;
  readonly missed: Uint8Array;
  readonly #plan: ScanPlan;
  readonly #kernel: Kernel;
  readonly #bytes: Uint8Array;
  readonly #room: Uint8Array;
  readonly #lanes: Lanes;
  readonly #full: Automaton;
  /** The first place in [at, end) that the prefilter lets through; `end` without one. */
  readonly #find: ((at: number, end: number) => number) | undefined;
  #small: { readonly asked: string; readonly automaton: Automaton } | undefined;
  #automaton: Automaton;
  #table: number = layout.table;
  #state: number;
  /** Nothing was taken since the last `reset`, nor was there an end. */
  #isNew = true;
  /** Bytes of the line under way were taken, and no newline since. */
  #isInLine = false;
  #isFinished: boolean;
  /** Where the last line, or what matters of it, lies when it was not run, since it may not match as far as it goes; none when they are equal. */
  #keptFrom: number = layout.input;
  #keptTo: number = layout.input;
  #undecided: number;
  #idleVisits = 0;
  /** Lanes are run to their ends, each in a state of the automaton that they were opened with. */
  #isDraining = false;
  /** Bytes that came while the prefilter was used, and those of them that were run. */
  #searched = 0;
  #checked = 0;

  constructor(plan: ScanPlan, kernel: Kernel = createKernel()) {
    const { program, lines, questions, prefilter } = plan;
    this.#plan = plan;
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(kernel.memory);
    this.#room = this.#bytes.subarray(layout.input, layout.input + pieceLength);
    const table = new Int32Array(kernel.memory, layout.table, layout.tableLength);
    this.#full = new Automaton(program, { lines, questions, table });
    this.#lanes = new Lanes(kernel);
    this.#bytes.set(this.#full.classes.classOf, layout.classes);
    this.#bytes[layout.input - 1] = newline;
    if (prefilter !== undefined) writePrefilter(prefilter, this.#bytes);
    this.#find = prefilter && finder(kernel, prefilter);
    this.matched = new Uint8Array(questions.length);
    this.missed = new Uint8Array(questions.length);
    this.#automaton = this.#full;
    this.#state = this.#full.start;
    this.#undecided = questions.length;
    this.#isFinished = questions.length === 0;
  }

  reset(): void {
    if (this.#isNew) return;
    this.#isNew = true;
    this.matched.fill(0);
    this.missed.fill(0);
    this.#automaton = this.#full;
    this.#table = layout.table;
    this.#state = this.#full.start;
    this.#isInLine = false;
    this.#isFinished = this.matched.length === 0;
    this.#keptFrom = layout.input;
    this.#keptTo = layout.input;
    this.#undecided = this.matched.length;
    this.#idleVisits = 0;
    this.#searched = 0;
    this.#checked = 0;
  }

  room(): Uint8Array {
    const kept = this.#keptTo - this.#keptFrom;
    if (kept === 0) return this.#room;
    // What follows lies aligned: the system copies to there much faster.
    const from = layout.input + (-kept & (alignment - 1));
    this.#bytes.copyWithin(from, this.#keptFrom, this.#keptTo);
    this.#bytes[from - 1] = newline;
    this.#keptFrom = from;
    this.#keptTo = from + kept;
    return this.#bytes.subarray(this.#keptTo, this.#keptTo + pieceLength);
  }

  advance(byteCount: number): boolean {
    if (this.#isFinished || byteCount === 0) return this.#isFinished;
    this.#isNew = false;
    const from = this.#keptFrom;
    const end = this.#keptTo + byteCount;
    this.#keptFrom = layout.input;
    this.#keptTo = layout.input;
    if (this.#isSearchWorthwhile()) this.#searchLines(from, end);
    else this.#takeAll(from, end);
    return this.#isFinished;
  }

  end(): void {
    if (this.#isFinished) return;
    if (this.#plan.lines && !this.#isInLine) return;
    this.#isNew = false;
    const entry = this.#automaton.take(this.#state, 256);
    if (entry < 0) this.#attend(unmarked(entry));
    this.#isInLine = false;
  }

  takeWhole(byteCount: number): boolean {
    const end = layout.input + byteCount;
    if (this.#find !== undefined && this.#find(layout.input, end) === end) return false;
    if (!this.advance(byteCount)) this.end();
    return this.#undecided < this.matched.length;
  }

  #isSearchWorthwhile(): boolean {
    const allowed = this.#searched * worthwhileShare + layout.inputLength / 2;
    return this.#plan.prefilter !== undefined && this.#checked < allowed;
  }

  /** Runs the lines of [from, end) that may match, and the line under way; keeps the last one when it may not. */
  #searchLines(from: number, end: number): void {
    const prefilter = this.#plan.prefilter!;
    const kind = seekKinds[prefilter.kind];
    const length = prefilter.kind === 'longRun' ? prefilter.length : 0;
    this.#searched += end - from;
    let at = this.#isInLine ? this.#takeLine(from, end) : from;
    let skipped = end;
    while (at < end && !this.#isFinished) {
      const stop = this.#kernel.seek(at, end, this.#automaton.start, this.#table, kind, length);
      skipped = this.#kernel.skipped();
      this.#checked += this.#kernel.checked();
      at = this.#settle(stop, end);
      if (at < end && !this.#isFinished && this.#bytes[at - 1] !== newline) at = this.#takeLine(at, end);
    }
    const { reach } = prefilter;
    if (skipped === end) this.#isInLine = this.#bytes[end - 1] !== newline;
    else if (reach === undefined && end - skipped > mostKept) this.#take(skipped, end);
    else {
      this.#isInLine = false;
      this.#keptFrom = Math.max(skipped, end - (reach ?? mostKept));
      this.#keptTo = end;
    }
  }

  /** Runs the automaton up to the end of the line; gives the place behind it. */
  #takeLine(at: number, end: number): number {
    const lineEnd = Math.min(this.#kernel.forward(at, end, newline) + 1, end);
    this.#take(at, lineEnd);
    return lineEnd;
  }

  /** Runs the automaton over [at, end), long stretches side by side. */
  #takeAll(at: number, end: number): void {
    if (
      this.#plan.lines &&
      this.#idleVisits <= patience &&
      this.#lanes.open(at, end, this.#state, this.#automaton.start)
    ) {
      this.#lanes.run(this.#automaton, this.#table, (state) => {
        this.#attend(state);
        return !this.#isFinished;
      });
      // The states of the lanes are those of this automaton: it stays until the last one is through.
      this.#isDraining = true;
      for (const lane of this.#lanes.drain(this.#automaton)) {
        this.#state = lane.state;
        this.#take(lane.at, lane.end);
      }
      this.#isDraining = false;
    } else this.#take(at, end);
  }

  /** Runs the automaton over [at, end). */
  #take(at: number, end: number): void {
    if (at < end) this.#isInLine = this.#bytes[end - 1] !== newline;
    while (at < end && !this.#isFinished) {
      at = this.#settle(this.#kernel.run(at, end, this.#state, this.#table), end);
    }
  }

  /** Deals with what the kernel stopped at; gives the place to go on at. */
  #settle(stop: number, end: number): number {
    let entry = this.#kernel.state();
    let at = stop;
    if (stop < 0) {
      at = ~stop + 1;
      entry = this.#automaton.step(entry, this.#bytes[at - 1]!);
    }
    this.#state = unmarked(entry);
    if ((entry & attention) === 0) return at;
    this.#attend(this.#state);
    if (this.#isFinished) return end;
    if (this.#automaton.isDead(this.#state)) return this.#plan.lines ? this.#kernel.forward(at, end, newline) : end;
    const isIdle = this.#idleVisits > patience && !this.#isDraining;
    if (isIdle && this.#plan.lines && this.#bytes[at - 1] === newline) this.#narrow();
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

/** A sequence that begins with a line has the newline before the line for its first place. */
function finder(kernel: Kernel, prefilter: Prefilter): (at: number, end: number) => number {
  switch (prefilter.kind) {
    case 'fingerprints':
      return (at, end) => kernel.sequence(at - 1, end);
    case 'forms':
      return (at, end) => kernel.forms(at - 1, end);
    case 'longRun':
      return (at, end) => kernel.longRun(at, end, prefilter.length);
  }
}
