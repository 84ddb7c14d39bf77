/** Which searches hold in a directory, and how far down: shared by all directories of a level. */
import type { SearchPlan } from './search-plan.ts';

export interface ScopeEntry {
  readonly plan: SearchPlan;
  /** Levels left: 1 means the entries of this directory, and nothing below. */
  readonly left: number;
}

export class Scope {
  readonly entries: readonly ScopeEntry[];
  /** Some search reads files here, or wants to see what is no file. */
  readonly readsContent: boolean;
  readonly seesAll: boolean;
  #below: Scope | null | undefined;

  constructor(entries: readonly ScopeEntry[]) {
    this.entries = entries;
    this.readsContent = entries.some(({ plan }) => plan.contents.length + plan.hashes.length > 0);
    this.seesAll = entries.some(({ plan }) => plan.seesAll);
  }

  /** The scope of the directories in here; undefined when no search goes further down. */
  below(): Scope | undefined {
    if (this.#below === undefined) {
      const entries = this.entries.filter(({ left }) => left > 1);
      const isSame = entries.every(({ left }) => left === Infinity) && entries.length === this.entries.length;
      const deeper = entries.map(({ plan, left }) => ({ plan, left: left - 1 }));
      this.#below = isSame ? this : deeper.length > 0 ? new Scope(deeper) : null;
    }
    return this.#below ?? undefined;
  }
}
