/**
 * A deterministic automaton over bytes, built while it runs. A state stands for a set of threads of the program; a
 * transition is computed when it is first taken and kept in a table of bounded size. When the table is full it is
 * emptied: in the worst case each byte costs one step of the whole set, which is the simulation of the program itself,
 * so that time stays in proportion to the input for every pattern.
 *
 * Assertions look at the byte behind and the byte ahead: a state holds its threads from before the assertions were
 * tried, and they are tried when the next byte is known. A match is therefore seen one byte after it ended.
 */
import { monitorCount, refuted, startMonitor, stepMonitor } from '../program/monitor.ts';
import type { Program } from '../program/program.ts';
import { type ByteClasses, byteClasses } from './byte-classes.ts';

/** A transition that was not computed yet. */
export const unknown = -1;
/** Set on a transition whose target wants attention: it reports patterns, or is dead. */
export const attention = 0x8000_0000 | 0;
/** Set besides, in line mode, when the target is dead and reports nothing: all up to the newline can be passed over. */
export const dead = 0x4000_0000;

/** Most threads of all states that are kept, of 20 bytes or so each: what bounds memory where states are large. */
const mostThreads = 500_000;

/** The state of an entry without its marks. */
export function unmarked(entry: number): number {
  return entry & ~(attention | dead);
}

/** What stands on either side of a place. */
type Beside = 'edge' | 'newline' | 'word' | 'other';

interface State {
  /** Threads, as instruction × monitorCount + monitor. */
  readonly threads: readonly number[];
  readonly before: Beside;
  /** Patterns that are decided on the way into this state. */
  readonly reports: readonly number[];
}

export interface AutomatonOptions {
  /** A newline ends the text, and the next one starts behind it. */
  readonly lines: boolean;
  /** The patterns that are asked for: whether some text matches; or, in line mode, whether some line does not (`every`). */
  readonly questions: readonly ('some' | 'every' | undefined)[];
  /** Where transitions are kept: 32-bit integers. The automaton is its only writer. */
  readonly table: Int32Array;
}

export class Automaton {
  readonly classes: ByteClasses;
  /** The state of the start of a text: an index into the table. */
  readonly start: number;
  readonly #program: Program;
  readonly #options: AutomatonOptions;
  readonly #table: Int32Array;
  readonly #stride: number;
  #states: State[] = [];
  #known = new Map<string, number>();
  readonly #startThreads: readonly number[];
  readonly #everyCount: number;
  /** Marks of the closure: the run in which an instruction with a monitor was last seen. */
  readonly #seen: Uint32Array;
  #run = 0;
  #threadCount = 0;
  /** States that somebody holds on to while another is stepped: they are given anew when the table is emptied. */
  parked: number[] = [];
  /** How often the table was emptied. */
  flushes = 0;

  constructor(program: Program, options: AutomatonOptions) {
    this.#program = program;
    this.#options = options;
    this.#table = options.table;
    this.classes = byteClasses(program);
    this.#stride = this.classes.count + 1;
    this.#startThreads = this.#findStartThreads();
    this.#everyCount = options.questions.filter((question) => question === 'every').length;
    this.#seen = new Uint32Array(program.instructions.length * monitorCount);
    this.start = unmarked(this.#intern({ threads: this.#startThreads, before: 'edge', reports: [] }));
  }

  /** Patterns that are decided on the way into `state`. */
  reports(state: number): readonly number[] {
    return this.#states[state / this.#stride]!.reports;
  }

  /** Whether nothing can match any more before the line ends (or at all, without lines). */
  isDead(state: number): boolean {
    return this.#states[state / this.#stride]!.threads.length === 0 && this.#everyCount === 0;
  }

  /**
   * Computes the transition of `state` on `byte` (256: the end of the text) and gives it as the table holds it: the
   * next state, with `attention` where it wants some. `state` is not valid any more when the table was emptied.
   */
  step(state: number, byte: number): number {
    const from = this.#states[state / this.#stride]!;
    const target = this.#next(from, byte);
    const isFull = (this.#states.length + 1) * this.#stride > this.#table.length;
    if (isFull || this.#threadCount + target.threads.length > mostThreads) {
      this.#flush();
      return this.#intern(target);
    }
    const next = this.#intern(target);
    this.#table[state + (byte === 256 ? this.classes.count : this.classes.classOf[byte]!)] = next;
    return next;
  }

  /** Like `step`, from the table where it is known. */
  take(state: number, byte: number): number {
    const next = this.#table[state + (byte === 256 ? this.classes.count : this.classes.classOf[byte]!)]!;
    return next === unknown ? this.step(state, byte) : next;
  }

  #flush(): void {
    this.flushes++;
    const parked = this.parked.map((state) => this.#states[state / this.#stride]!);
    this.#states = [];
    this.#threadCount = 0;
    this.#known = new Map();
    this.#intern({ threads: this.#startThreads, before: 'edge', reports: [] });
    this.parked = parked.map((state) => unmarked(this.#intern(state)));
  }

  #intern(state: State): number {
    const key = `${state.threads.join()}${state.before}${state.reports.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.#states.length * this.#stride;
    this.#states.push(state);
    this.#table.fill(unknown, index, index + this.#stride);
    this.#threadCount += state.threads.length;
    const isDead = state.threads.length === 0 && this.#everyCount === 0;
    const isSilent = state.reports.length === 0;
    const mark = isDead && isSilent && this.#options.lines ? attention | dead : isDead || !isSilent ? attention : 0;
    const entry = index | mark;
    this.#known.set(key, entry);
    return entry;
  }

  #findStartThreads(): readonly number[] {
    const { starts, isAnchored } = this.#program;
    const asked = starts.flatMap((pc, i) => (this.#options.questions[i] === undefined ? [] : [{ pc, i }]));
    const anchored = asked.filter(({ i }) => isAnchored[i]).map(({ pc }) => pc * monitorCount);
    const isSearching = asked.length > anchored.length;
    return isSearching ? [...anchored, this.#program.search * monitorCount] : anchored;
  }

  #next(from: State, byte: number): State {
    const isEnd = byte === 256 || (this.#options.lines && byte === 10);
    const after: Beside = isEnd ? 'edge' : this.#beside(byte);
    const closure = this.#close(from, after, isEnd);
    const reports = this.#judge(closure.matched, isEnd);
    if (isEnd) return { threads: this.#startThreads, before: 'edge', reports };
    const threads = new Set<number>();
    for (const thread of closure.threads) this.#advance(thread, byte, threads);
    for (const pattern of closure.matched) {
      if (this.#options.questions[pattern] === 'every') threads.add(this.#matchThread(pattern));
    }
    return { threads: [...threads].sort((a, b) => a - b), before: this.#remembered(after), reports };
  }

  /** What is decided: a pattern asked for `some` when it matched, for `every` when a line ends without a match. */
  #judge(matched: ReadonlySet<number>, isEnd: boolean): readonly number[] {
    const decided: number[] = [];
    this.#options.questions.forEach((question, pattern) => {
      if (question === 'some' && matched.has(pattern)) decided.push(pattern);
      if (question === 'every' && isEnd && !matched.has(pattern)) decided.push(pattern);
    });
    return decided;
  }

  #matchThread(pattern: number): number {
    const pc = this.#program.instructions.findIndex((one) => one.kind === 'match' && one.pattern === pattern);
    return pc * monitorCount;
  }

  #beside(byte: number): Beside {
    if (byte === 10) return 'newline';
    const isWord =
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x5f;
    return isWord ? 'word' : 'other';
  }

  /** What the program's assertions can tell apart behind them: states are not multiplied for less. */
  #remembered(before: Beside): Beside {
    const { assertions } = this.#program;
    if (before === 'newline' && assertions.has('lineStart')) return before;
    const knowsWords = assertions.has('wordBoundary') || assertions.has('notWordBoundary');
    return before === 'word' && knowsWords ? before : 'other';
  }

  /** Follows what consumes no byte: gives the threads that wait for one, and the patterns that match here. */
  #close(from: State, after: Beside, isEnd: boolean): { threads: number[]; matched: Set<number> } {
    const { instructions, starts, isAnchored, search, searchStep } = this.#program;
    const { questions } = this.#options;
    const threads: number[] = [];
    const matched = new Set<number>();
    const waiting = [...from.threads].reverse();
    this.#run++;
    for (let thread = waiting.pop(); thread !== undefined; thread = waiting.pop()) {
      if (this.#seen[thread] === this.#run) continue;
      this.#seen[thread] = this.#run;
      const monitor = thread % monitorCount;
      const pc = (thread - monitor) / monitorCount;
      if (pc === search) {
        waiting.push(searchStep * monitorCount + monitor);
        for (let i = starts.length - 1; i >= 0; i--) {
          if (questions[i] !== undefined && !isAnchored[i]) waiting.push(starts[i]! * monitorCount + monitor);
        }
        continue;
      }
      const instruction = instructions[pc]!;
      switch (instruction.kind) {
        case 'split':
          for (let i = instruction.nexts.length - 1; i >= 0; i--)
            waiting.push(instruction.nexts[i]! * monitorCount + monitor);
          break;
        case 'assertion':
          if (this.#holds(instruction.assertion, from.before, after))
            waiting.push(instruction.next * monitorCount + monitor);
          break;
        case 'match':
          if (questions[instruction.pattern] === undefined) break;
          if (monitor === 0 || isEnd) matched.add(instruction.pattern);
          else threads.push(thread);
          break;
        default:
          threads.push(thread);
      }
    }
    return { threads, matched };
  }

  #holds(assertion: string, before: Beside, after: Beside): boolean {
    switch (assertion) {
      case 'textStart':
        return before === 'edge';
      case 'textEnd':
        return after === 'edge';
      case 'lineStart':
        return before === 'edge' || before === 'newline';
      case 'lineEnd':
        return after === 'edge' || after === 'newline';
      case 'wordBoundary':
        return (before === 'word') !== (after === 'word');
      default:
        return (before === 'word') === (after === 'word');
    }
  }

  /** Adds to `into` the threads that `thread` becomes over `byte`. */
  #advance(thread: number, byte: number, into: Set<number>): void {
    const monitor = stepMonitor(thread % monitorCount, byte);
    if (monitor === refuted) return;
    const pc = Math.floor(thread / monitorCount);
    const instruction = this.#program.instructions[pc]!;
    if (instruction.kind === 'bytes') {
      const { ranges } = instruction;
      for (let i = 0; i < ranges.length; i += 3) {
        if (byte < ranges[i]!) return;
        if (byte <= ranges[i + 1]!) into.add(ranges[i + 2]! * monitorCount + monitor);
      }
    } else if (instruction.kind === 'invalid') {
      // A continuation byte starts no monitor, and leaves the one that is under way.
      if (byte >= 0x80) into.add(instruction.next * monitorCount + (startMonitor(byte) || monitor));
    } else if (instruction.kind === 'match') {
      into.add(pc * monitorCount + monitor);
    }
  }
}
