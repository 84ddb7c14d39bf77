/**
 * A deterministic automaton over bytes, built while it runs. A state stands for a set of threads of the program; a
 * transition is computed when it is first taken and kept in a table of bounded size. When the table is full it is
 * emptied: in the worst case each byte costs one step of the whole set, which is the simulation of the program itself,
 * so that time stays in proportion to the input for every pattern.
 */
import type { Program } from '../program/program.ts';
import { type ByteClasses, byteClasses } from './byte-classes.ts';
import { type AskedQuestion, beside, endOfText, Simulation } from './simulation.ts';
import { StateStore } from './state-store.ts';

/** A transition that was not computed yet. */
export const unknown = -1;
/** Set on a transition whose target wants attention: it reports patterns, or is dead. */
export const attention = 0x8000_0000 | 0;
/** Set besides, in line mode, when the target is dead and reports nothing: all up to the newline can be passed over. */
export const dead = 0x4000_0000;

/** The state of an entry without its marks. */
export function unmarked(entry: number): number {
  return entry & ~(attention | dead);
}

export interface AutomatonOptions {
  /** A newline ends the text, and the next one starts behind it. */
  readonly lines: boolean;
  /** The patterns that are asked for: whether some text matches; or, in line mode, whether some line does not (`every`). */
  readonly questions: readonly AskedQuestion[];
  /** Where transitions are kept: 32-bit integers. The automaton is its only writer. */
  readonly table: Int32Array;
}

export class Automaton {
  readonly classes: ByteClasses;
  /** The state of the start of a text: an index into the table. */
  readonly start: number;
  /** States that somebody holds on to while another is stepped: they are given anew when the table is emptied. */
  parked: readonly number[] = [];
  /** How often the table was emptied. */
  flushes = 0;
  readonly #simulation: Simulation;
  readonly #states = new StateStore();
  readonly #lines: boolean;
  readonly #table: Int32Array;
  readonly #stride: number;
  readonly #asksEvery: boolean;
  /** Rows of the table in use. */
  #rows = 0;

  constructor(program: Program, { lines, questions, table }: AutomatonOptions) {
    this.#lines = lines;
    this.#table = table;
    this.classes = byteClasses(program);
    this.#stride = this.classes.count + 1;
    this.#asksEvery = questions.includes('every');
    this.#simulation = new Simulation(program, lines, questions);
    this.start = unmarked(this.#internStart());
  }

  /** Patterns that are decided on the way into `state`. */
  reports(state: number): readonly number[] {
    return this.#states.reports[state / this.#stride]!;
  }

  /** Whether nothing can match any more before the line ends (or at all, without lines). */
  isDead(state: number): boolean {
    return this.#states.lengths[state / this.#stride] === 0 && !this.#asksEvery;
  }

  /**
   * Computes the transition of `state` on `byte` (256: the end of the text) and gives it as the table holds it: the
   * next state, marked where it wants attention. `state` is not valid any more when the table was emptied.
   */
  step(state: number, byte: number): number {
    const index = state / this.#stride;
    const { threads, offsets, lengths, befores } = this.#states;
    this.#simulation.step(threads, offsets[index]!, lengths[index]!, befores[index]!, byte);
    const isFull = (this.#states.count + 1) * this.#stride > this.#table.length;
    if (isFull || !this.#states.hasRoom(this.#simulation.threads.length)) {
      this.#flush();
      return this.#internStep();
    }
    const next = this.#internStep();
    this.#table[state + this.#column(byte)] = next;
    return next;
  }

  /** Like `step`, from the table where it is known. */
  take(state: number, byte: number): number {
    const next = this.#table[state + this.#column(byte)]!;
    return next === unknown ? this.step(state, byte) : next;
  }

  #column(byte: number): number {
    return byte === endOfText ? this.classes.count : this.classes.classOf[byte]!;
  }

  #flush(): void {
    this.flushes++;
    const { threads, offsets, lengths, befores, reports } = this.#states;
    const parked = this.parked.map((state) => {
      const i = state / this.#stride;
      const own = [...threads.subarray(offsets[i]!, offsets[i]! + lengths[i]!)];
      return { own, before: befores[i]!, reports: reports[i]! };
    });
    this.#states.clear();
    this.#rows = 0;
    this.#internStart();
    this.parked = parked.map(({ own, before, reports }) =>
      unmarked(this.#entry(this.#states.intern(own, before, reports))),
    );
  }

  #internStart(): number {
    return this.#entry(this.#states.intern(this.#simulation.startThreads, beside.edge, []));
  }

  #internStep(): number {
    const { threads, before, reports } = this.#simulation;
    return this.#entry(this.#states.intern(threads, before, reports));
  }

  /** The entry of the table for a state; a state that is new gets an empty row. */
  #entry(state: number): number {
    const index = state * this.#stride;
    if (state === this.#rows) {
      this.#table.fill(unknown, index, index + this.#stride);
      this.#rows++;
    }
    const isSilent = this.#states.reports[state]!.length === 0;
    if (this.isDead(index)) return index | attention | (isSilent && this.#lines ? dead : 0);
    return isSilent ? index : index | attention;
  }
}
