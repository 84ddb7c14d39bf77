/** What a walk gathers, in bounded memory: the first of each list in its order, and how many there were. */
import type { RawPath } from './raw-path.ts';
import type { SearchPlan } from './search-plan.ts';

/** A file that matched: with the number of one filter when filters stand alone. Plain data: threads send it. */
export interface Match {
  readonly path: string;
  /** Where it is to be opened, when it may be. */
  readonly place?: RawPath;
  readonly filter?: number;
  readonly size: number;
  readonly mode: string;
  readonly mtimeMs: number;
}

/** The first items of a list by their order, and the number of all. Plain data. */
export interface Kept<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** Plain data: threads send it. */
export interface Gathered {
  /** By the numbers of the searches. */
  readonly matches: readonly Kept<Match>[];
  readonly errors: Kept<string>;
  readonly filescount: number;
  readonly openfailed: number;
}

/** Errors that are kept where maxerrors sets no limit: more cannot be sent in one result. */
const mostErrors = 160_000;

export class Gathering {
  filescount = 0;
  openfailed = 0;
  /** Matches and errors that were added. */
  noted = 0;
  readonly #matches: readonly Collector<Match>[];
  readonly #errors: Collector<string>;

  constructor(plans: readonly SearchPlan[]) {
    this.#matches = plans.map(({ options, mostSent }) => new Collector(options.matchlimit || mostSent, inOrder));
    this.#errors = new Collector(errorLimit(plans) ?? mostErrors, inTextOrder);
  }

  addMatch(plan: SearchPlan, match: Match): void {
    this.noted++;
    this.#matches[plan.number]!.add(match);
  }

  addError(text: string): void {
    this.noted++;
    this.#errors.add(text);
  }

  /** Adds what another walk of the same searches gathered. */
  addAll(other: Gathered): void {
    this.filescount += other.filescount;
    this.openfailed += other.openfailed;
    this.#errors.addAll(other.errors);
    for (const [number, kept] of other.matches.entries()) this.#matches[number]!.addAll(kept);
  }

  get gathered(): Gathered {
    const { filescount, openfailed } = this;
    return { matches: this.#matches.map(({ kept }) => kept), errors: this.#errors.kept, filescount, openfailed };
  }
}

/** The largest maxerrors of the searches; undefined when one has no limit. */
export function errorLimit(plans: readonly SearchPlan[]): number | undefined {
  const limits = plans.map(({ options }) => options.maxerrors);
  return limits.includes(0) ? undefined : Math.max(...limits);
}

class Collector<T> {
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  #items: T[] = [];
  #total = 0;

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  add(item: T): void {
    this.#total++;
    this.#items.push(item);
    if (this.#items.length > 2 * this.#limit + 1000) this.#cut();
  }

  addAll({ items, total }: Kept<T>): void {
    const counted = this.#total + total;
    for (const item of items) this.add(item);
    this.#total = counted;
  }

  get kept(): Kept<T> {
    this.#cut();
    return { items: this.#items, total: this.#total };
  }

  #cut(): void {
    this.#items = this.#items.sort(this.#compare).slice(0, this.#limit);
  }
}

function inOrder(a: Match, b: Match): number {
  return inTextOrder(a.path, b.path) || (a.filter ?? 0) - (b.filter ?? 0);
}

function inTextOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
