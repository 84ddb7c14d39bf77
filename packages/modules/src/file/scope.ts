/** Which searches hold in a directory, and how far down: shared by all directories of a level. */
import type { SearchPlan } from './search-plan.ts';

export interface ScopeEntry {
  readonly plan: SearchPlan;
  /** Levels left: 1 means the entries of this directory, and nothing below. */
  readonly left: number;
}

export class Scope {
  readonly entries: readonly ScopeEntry[];
  /** Some search wants to see what is no file. */
  readonly seesAll: boolean;
  /** All searches, where each reads every file, whatever its name and metadata. */
  readonly readers: readonly SearchPlan[] | undefined;
  /**
   * Files of a directory that make a unit of their own, so that threads can share a large directory: few where files
   * are read, more where they only are asked for their metadata, all where names tell enough.
   */
  readonly filesPerUnit: number;
  #below: Scope | null | undefined;

  constructor(entries: readonly ScopeEntry[]) {
    this.entries = entries;
    this.seesAll = entries.some(({ plan }) => plan.seesAll);
    const isForAll = entries.every(({ plan }) => plan.readsFiles && plan.names.length + plan.stats.length === 0);
    this.readers = isForAll ? entries.map(({ plan }) => plan) : undefined;
    const isReading = entries.some(({ plan }) => plan.readsFiles);
    const isAsking = entries.some(({ plan }) => plan.stats.length > 0);
    this.filesPerUnit = isReading ? 64 : isAsking ? 512 : Infinity;
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

  /** The part of it that enters network and pseudo file systems; undefined when no search does. */
  remote(): Scope | undefined {
    const entries = this.entries.filter(({ plan }) => plan.options.remotefs);
    if (entries.length === this.entries.length) return this;
    return entries.length > 0 ? new Scope(entries) : undefined;
  }
}
