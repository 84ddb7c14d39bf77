/** The states of an automaton: each a list of threads and what goes with it, kept once. Threads lie in one array. */
import type { Beside } from './simulation.ts';

/** Most threads of all states that are kept: 2 MB. What bounds memory where states are large. */
const mostThreads = 500_000;

export class StateStore {
  /** The threads of state `i` are `lengths[i]` from `offsets[i]` on. */
  threads = new Int32Array(1024);
  readonly offsets: number[] = [];
  readonly lengths: number[] = [];
  readonly befores: Beside[] = [];
  readonly reports: (readonly number[])[] = [];
  /** The first state with a hash, and after each state the next one with the same hash (-1 for none). */
  readonly #byHash = new Map<number, number>();
  readonly #nextAlike: number[] = [];
  #used = 0;

  get count(): number {
    return this.offsets.length;
  }

  /** Whether a state of `threadCount` threads still finds room. One that is alone always does. */
  hasRoom(threadCount: number): boolean {
    return this.count === 0 || this.#used + threadCount <= mostThreads;
  }

  clear(): void {
    for (const list of [this.offsets, this.lengths, this.befores, this.reports, this.#nextAlike]) list.length = 0;
    this.#byHash.clear();
    this.#used = 0;
  }

  /** The number of the state; a new one when it was not known. */
  intern(threads: readonly number[], before: Beside, reports: readonly number[]): number {
    const hash = hashOf(threads, before, reports);
    const first = this.#byHash.get(hash) ?? -1;
    for (let state = first; state >= 0; state = this.#nextAlike[state]!) {
      if (this.befores[state] === before && this.#holds(state, threads) && areEqual(this.reports[state]!, reports)) {
        return state;
      }
    }
    const state = this.count;
    this.#keep(threads);
    this.befores.push(before);
    this.reports.push(reports);
    this.#nextAlike.push(first);
    this.#byHash.set(hash, state);
    return state;
  }

  #keep(threads: readonly number[]): void {
    const needed = this.#used + threads.length;
    if (needed > this.threads.length) {
      const larger = new Int32Array(Math.max(needed, 2 * this.threads.length));
      larger.set(this.threads.subarray(0, this.#used));
      this.threads = larger;
    }
    for (let i = 0; i < threads.length; i++) this.threads[this.#used + i] = threads[i]!;
    this.offsets.push(this.#used);
    this.lengths.push(threads.length);
    this.#used = needed;
  }

  #holds(state: number, threads: readonly number[]): boolean {
    if (this.lengths[state] !== threads.length) return false;
    const offset = this.offsets[state]!;
    for (let i = 0; i < threads.length; i++) if (this.threads[offset + i] !== threads[i]) return false;
    return true;
  }
}

function hashOf(threads: readonly number[], before: Beside, reports: readonly number[]): number {
  let hash = before + 31 * reports.length;
  for (const thread of threads) hash = (Math.imul(hash, 0x01000193) ^ thread) | 0;
  for (const pattern of reports) hash = (Math.imul(hash, 0x01000193) ^ ~pattern) | 0;
  return hash;
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
