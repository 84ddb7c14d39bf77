/**
 * Four stretches of lines, run through one automaton side by side: each byte waits for the transition of the byte
 * before, and four such chains take hardly longer than one.
 */
import { type Automaton, attention, dead, unmarked } from '../dfa/automaton.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { layout } from '../kernel/layout.ts';

const laneCount = 4;
const newline = 10;

/** Shorter stretches are not worth the trouble. */
const shortest = 1024;

/** What is left of a lane. */
export interface Stretch {
  readonly at: number;
  readonly end: number;
  readonly state: number;
}

export class Lanes {
  readonly #kernel: Kernel;
  readonly #bytes: Uint8Array;
  /** Place, end and state of each lane, shared with the kernel. */
  readonly #slots: Int32Array;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(kernel.memory);
    this.#slots = new Int32Array(kernel.memory, layout.lanes, laneCount * 3);
  }

  /**
   * Cuts [at, end) into lanes, all but the first at the start of a line: that one goes on in `state`, the others in
   * `start`. False when it is too short, or its lines are too long.
   */
  open(at: number, end: number, state: number, start: number): boolean {
    const length = Math.floor((end - at) / laneCount);
    if (length < shortest) return false;
    let from = at;
    for (let lane = 0; lane < laneCount; lane++) {
      const to = lane === laneCount - 1 ? end : this.#kernel.forward(at + (lane + 1) * length, end, newline) + 1;
      if (to - from < shortest || to > end) return false;
      this.#slots.set([from, to, lane === 0 ? state : start], lane * 3);
      from = to;
    }
    return true;
  }

  /** Runs until one lane is at its end. `attend` is told of states that report, and says whether to go on. */
  run(automaton: Automaton, table: number, attend: (state: number) => boolean): void {
    const slots = this.#slots;
    for (let lane = this.#kernel.runLanes(table); lane >= 0; lane = this.#kernel.runLanes(table)) {
      const at = slots[lane * 3]!;
      automaton.parked = [slots[2]!, slots[5]!, slots[8]!, slots[11]!];
      const entry = automaton.take(slots[lane * 3 + 2]!, this.#bytes[at]!);
      automaton.parked.forEach((state, other) => {
        slots[other * 3 + 2] = state;
      });
      const state = unmarked(entry);
      slots[lane * 3] = at + 1;
      slots[lane * 3 + 2] = state;
      if ((entry & attention) === 0) continue;
      if ((entry & dead) === 0 && !attend(state)) break;
      if (automaton.isDead(state)) slots[lane * 3] = this.#kernel.forward(at + 1, slots[lane * 3 + 1]!, newline);
    }
    automaton.parked = [];
  }

  /** What is left of each lane, in order. States stay valid while the lanes before are run. */
  *drain(automaton: Automaton): Generator<Stretch> {
    const stretches = Array.from({ length: laneCount }, (_, lane) => this.#slots.slice(lane * 3, lane * 3 + 3));
    automaton.parked = stretches.map((stretch) => stretch[2]!);
    for (const stretch of stretches) {
      const [state, ...later] = automaton.parked;
      automaton.parked = later;
      yield { at: stretch[0]!, end: stretch[1]!, state: state! };
    }
  }
}
