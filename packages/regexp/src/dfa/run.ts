/** Runs an automaton without lines over bytes at hand. */
import { type Automaton, unknown } from './automaton.ts';

/** Where a run stopped: the place behind the last byte taken, and the state there, with `attention` where it wants some. */
export interface Stop {
  at: number;
  state: number;
}

/** Runs from `stop` up to `end`, or until a state wants attention; moves `stop` along. `table` is the automaton's. */
export function runAutomaton(
  automaton: Automaton,
  table: Int32Array,
  bytes: Uint8Array,
  end: number,
  stop: Stop,
): void {
  const { classOf } = automaton.classes;
  let { at, state } = stop;
  while (at < end) {
    let next = table[state + classOf[bytes[at]!]!]!;
    if (next === unknown) next = automaton.step(state, bytes[at]!);
    at++;
    state = next;
    if (next < 0) break;
  }
  stop.at = at;
  stop.state = state;
}
