/**
 * One step of all threads of a program at once: what the automaton keeps the results of. Its time is in proportion to
 * the program, whatever the pattern; nothing is allocated on the way.
 *
 * Assertions look at the byte behind and the byte ahead: threads are held from before the assertions were tried, and
 * they are tried when the next byte is known. A match is therefore seen one byte after it ended.
 */
import { monitorCount, refuted, startMonitor, stepMonitor } from '../program/monitor.ts';
import type { Instruction, Program } from '../program/program.ts';
import type { Assertion } from '../syntax/node.ts';

/** What stands on either side of a place. */
export const beside = { edge: 0, newline: 1, word: 2, other: 3 } as const;
export type Beside = (typeof beside)[keyof typeof beside];

/** The byte that stands for the end of the text. */
export const endOfText = 256;

export type AskedQuestion = 'some' | 'every' | undefined;

const none: readonly number[] = [];

/** Kinds of instructions as numbers: the loops over threads are where a hard pattern spends its time. */
const code = { bytes: 0, invalid: 1, split: 2, assertion: 3, match: 4 } as const;

export class Simulation {
  /** The outcome of `step`: threads as instruction × monitorCount + monitor, ascending. Valid until the next step. */
  readonly threads: number[] = [];
  before: Beside = beside.edge;
  /** Patterns that are decided by the step. */
  reports: readonly number[] = none;
  /** The threads of the start of a text. */
  readonly startThreads: readonly number[];
  readonly #program: Program;
  /** The kind of each instruction; its ranges, or where it leads; what it asserts. */
  readonly #codes: Uint8Array;
  readonly #targets: readonly (readonly number[])[];
  readonly #assertions: readonly (Assertion | undefined)[];
  readonly #lines: boolean;
  readonly #questions: readonly AskedQuestion[];
  readonly #everyPatterns: readonly number[];
  readonly #matchThreads: readonly number[];
  readonly #remembersLines: boolean;
  readonly #remembersWords: boolean;
  /** The pass in which a thread was last seen, and in which a pattern last matched. */
  readonly #seen: Uint32Array;
  readonly #matchedIn: Uint32Array;
  #pass = 0;
  readonly #waiting: number[] = [];
  readonly #closed: number[] = [];
  readonly #matched: number[] = [];

  constructor(program: Program, lines: boolean, questions: readonly AskedQuestion[]) {
    this.#program = program;
    this.#codes = Uint8Array.from(program.instructions, ({ kind }) => code[kind]);
    this.#targets = program.instructions.map(targetsOf);
    this.#assertions = program.instructions.map((one) => (one.kind === 'assertion' ? one.assertion : undefined));
    this.#lines = lines;
    this.#questions = questions;
    this.#everyPatterns = questions.flatMap((question, i) => (question === 'every' ? [i] : []));
    this.#matchThreads = program.instructions
      .flatMap((one, pc) => (one.kind === 'match' ? [{ pattern: one.pattern, thread: pc * monitorCount }] : []))
      .sort((a, b) => a.pattern - b.pattern)
      .map(({ thread }) => thread);
    this.#remembersLines = program.assertions.has('lineStart');
    this.#remembersWords = program.assertions.has('wordBoundary') || program.assertions.has('notWordBoundary');
    this.startThreads = this.#findStartThreads();
    this.#seen = new Uint32Array(program.instructions.length * monitorCount);
    this.#matchedIn = new Uint32Array(questions.length);
  }

  /** Takes `count` threads that begin at `offset` of `from`, with `before` behind them, over `byte`. */
  step(from: Int32Array, offset: number, count: number, before: Beside, byte: number): void {
    const isEnd = byte === endOfText || (this.#lines && byte === 10);
    const after = isEnd ? beside.edge : besideOf(byte);
    this.#close(from, offset, count, before, after, isEnd);
    this.reports = this.#judge(isEnd);
    const { threads } = this;
    threads.length = 0;
    if (isEnd) {
      for (const thread of this.startThreads) threads.push(thread);
      this.before = beside.edge;
      return;
    }
    this.#pass++;
    for (const thread of this.#closed) this.#advance(thread, byte);
    for (const pattern of this.#matched) {
      if (this.#questions[pattern] === 'every') this.#add(this.#matchThreads[pattern]!);
    }
    sort(threads);
    this.before = this.#remembered(after);
  }

  #findStartThreads(): readonly number[] {
    const { starts, isAnchored, search } = this.#program;
    const asked = starts.flatMap((pc, i) => (this.#questions[i] === undefined ? [] : [{ pc, i }]));
    const anchored = asked.filter(({ i }) => isAnchored[i]).map(({ pc }) => pc * monitorCount);
    const all = asked.length > anchored.length ? [...anchored, search * monitorCount] : anchored;
    return [...new Set(all)].sort((a, b) => a - b);
  }

  /** What is decided: a pattern asked for `some` when it matched, for `every` when a line ends without a match. */
  #judge(isEnd: boolean): readonly number[] {
    let decided: number[] | undefined;
    for (const pattern of this.#matched) {
      if (this.#questions[pattern] !== 'some') continue;
      decided ??= [];
      decided.push(pattern);
    }
    if (isEnd) {
      for (const pattern of this.#everyPatterns) {
        if (this.#matchedIn[pattern] === this.#pass) continue;
        decided ??= [];
        decided.push(pattern);
      }
    }
    return decided?.sort((a, b) => a - b) ?? none;
  }

  /** What the program's assertions can tell apart behind them: states are not multiplied for less. */
  #remembered(before: Beside): Beside {
    if (before === beside.newline && this.#remembersLines) return before;
    return before === beside.word && this.#remembersWords ? before : beside.other;
  }

  /** Follows what consumes no byte, to the threads that wait for one and the patterns that match here. */
  #close(from: Int32Array, offset: number, count: number, before: Beside, after: Beside, isEnd: boolean): void {
    const { starts, isAnchored, search, searchStep } = this.#program;
    const codes = this.#codes;
    const targets = this.#targets;
    this.#pass++;
    this.#closed.length = 0;
    this.#matched.length = 0;
    const waiting = this.#waiting;
    for (let i = 0; i < count; i++) {
      waiting.push(from[offset + i]!);
      while (waiting.length > 0) {
        const thread = waiting.pop()!;
        if (this.#seen[thread] === this.#pass) continue;
        this.#seen[thread] = this.#pass;
        const monitor = thread % monitorCount;
        const pc = (thread - monitor) / monitorCount;
        if (pc === search) {
          for (let p = 0; p < starts.length; p++) {
            if (this.#questions[p] !== undefined && !isAnchored[p]) waiting.push(starts[p]! * monitorCount + monitor);
          }
          waiting.push(searchStep * monitorCount + monitor);
          continue;
        }
        const kind = codes[pc];
        if (kind === code.bytes || kind === code.invalid) this.#closed.push(thread);
        else if (kind === code.split) {
          const nexts = targets[pc]!;
          for (let n = 0; n < nexts.length; n++) waiting.push(nexts[n]! * monitorCount + monitor);
        } else if (kind === code.match) this.#match(targets[pc]![0]!, thread, monitor === 0 || isEnd);
        else if (holds(this.#assertions[pc]!, before, after)) waiting.push(targets[pc]![0]! * monitorCount + monitor);
      }
    }
  }

  #match(pattern: number, thread: number, isCertain: boolean): void {
    if (this.#questions[pattern] === undefined) return;
    if (!isCertain) this.#closed.push(thread);
    else if (this.#matchedIn[pattern] !== this.#pass) {
      this.#matchedIn[pattern] = this.#pass;
      this.#matched.push(pattern);
    }
  }

  /** Adds what `thread` becomes over `byte`. */
  #advance(thread: number, byte: number): void {
    const before = thread % monitorCount;
    const monitor = before === 0 ? 0 : stepMonitor(before, byte);
    if (monitor === refuted) return;
    const pc = (thread - before) / monitorCount;
    const kind = this.#codes[pc];
    const targets = this.#targets[pc]!;
    if (kind === code.bytes) {
      for (let i = 0; i < targets.length; i += 3) {
        if (byte < targets[i]!) return;
        if (byte <= targets[i + 1]!) {
          this.#add(targets[i + 2]! * monitorCount + monitor);
          return;
        }
      }
    } else if (kind === code.invalid) {
      // A continuation byte starts no monitor, and leaves the one that is under way.
      if (byte >= 0x80) this.#add(targets[0]! * monitorCount + (startMonitor(byte) || monitor));
    } else this.#add(pc * monitorCount + monitor); // A match that is not certain before the monitor is settled.
  }

  #add(thread: number): void {
    if (this.#seen[thread] === this.#pass) return;
    this.#seen[thread] = this.#pass;
    this.threads.push(thread);
  }
}

/** Byte ranges with where they lead; or where an instruction leads; or the pattern that it matches. */
function targetsOf(instruction: Instruction): readonly number[] {
  switch (instruction.kind) {
    case 'bytes':
      return instruction.ranges;
    case 'split':
      return instruction.nexts;
    case 'match':
      return [instruction.pattern];
    default:
      return [instruction.next];
  }
}

/** Sorts in place what is nearly sorted, as the threads of a step are, from the step before. */
function sort(values: number[]): void {
  let moves = 4 * values.length;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
    moves -= i - at;
    if (moves < 0) {
      const sorted = Int32Array.from(values).sort();
      for (let k = 0; k < sorted.length; k++) values[k] = sorted[k]!;
      return;
    }
  }
}

function besideOf(byte: number): Beside {
  if (byte === 10) return beside.newline;
  const isWord =
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f;
  return isWord ? beside.word : beside.other;
}

function holds(assertion: Assertion, before: Beside, after: Beside): boolean {
  switch (assertion) {
    case 'textStart':
      return before === beside.edge;
    case 'textEnd':
      return after === beside.edge;
    case 'lineStart':
      return before === beside.edge || before === beside.newline;
    case 'lineEnd':
      return after === beside.edge || after === beside.newline;
    case 'wordBoundary':
      return (before === beside.word) !== (after === beside.word);
    case 'notWordBoundary':
      return (before === beside.word) === (after === beside.word);
  }
}
