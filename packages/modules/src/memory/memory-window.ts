/**
 * Searches one stretch of every process, from an address on and up to a number of bytes, for all filters of all
 * searches that ask for that stretch: regular expressions in one pass, byte strings each.
 */
import { compileSet } from '@mig/regexp';
import type { LabelledSearch, Outcome } from './judge.ts';
import { ManyNeedles, many } from './many-needles.ts';
import type { Piece } from './memory-pieces.ts';
import { contains, createNeedle, type Needle } from './needles.ts';

/** A pattern or byte string, and the filters that it stands for. */
interface Sought<T> {
  readonly what: T;
  readonly filters: readonly { readonly search: LabelledSearch; readonly index: number }[];
}

/** Most instructions of all patterns together: thousands of them fit. */
const maxProgramSize = 1_000_000;

/** Searches and what is known of them for the process at hand. */
export type Outcomes = ReadonlyMap<LabelledSearch, Outcome>;

export class MemoryWindow {
  readonly offset: number;
  /** Most bytes of a process; Infinity for all. */
  readonly maxlength: number;
  /** Bytes of the pieces before that a byte string may begin in. */
  readonly lookBack: number;
  readonly #patterns: readonly Sought<string>[];
  readonly #needles: readonly Sought<Needle>[];
  readonly #scan: ReturnType<ReturnType<typeof compileSet>['scan']> | undefined;
  #outcomes: Outcomes = new Map();
  #wantedPatterns: number[] = [];
  #wantedNeedles: Sought<Needle>[] = [];
  /** Made for so many of the needles that are wanted. */
  #many: { readonly count: number; readonly needles: ManyNeedles } | undefined;
  /** Bytes taken of the process, and those of them that adjoin the next piece. */
  #taken = 0;
  #adjoining = 0;

  constructor(searches: readonly LabelledSearch[]) {
    const { offset, maxlength } = searches[0]!.search.options;
    this.offset = offset;
    this.maxlength = maxlength === 0 ? Number.POSITIVE_INFINITY : maxlength;
    this.#patterns = gather(searches, 'contents', (pattern) => pattern);
    this.#needles = gather(searches, 'bytes', createNeedle);
    const patterns = this.#patterns.map(({ what }) => what);
    if (patterns.length > 0) this.#scan = compileSet(patterns, { lines: false, maxProgramSize }).scan('some');
    this.lookBack = Math.max(0, ...this.#needles.map(({ what }) => what.bytes.length - 1));
  }

  /** Turns to another process. False when nothing is asked of its memory here. */
  begin(outcomes: Outcomes): boolean {
    this.#outcomes = outcomes;
    this.#taken = 0;
    this.#adjoining = 0;
    this.#scan?.reset();
    const isWanted = (sought: Sought<unknown>) => sought.filters.some(({ search }) => outcomes.has(search));
    this.#wantedPatterns = this.#patterns.flatMap((pattern, i) => (isWanted(pattern) ? [i] : []));
    this.#wantedNeedles = this.#needles.filter(isWanted);
    this.#many = undefined;
    return this.#wantsMore();
  }

  /** Searches a piece. False when nothing more is asked: all is found, or the stretch is over. */
  take(piece: Piece): boolean {
    const from = piece.from + Math.max(0, this.offset - piece.address);
    const to = Math.min(piece.to, from + this.maxlength - this.#taken);
    if (from >= to) return this.#wantsMore();
    if (!piece.isContinued) this.#endStretch();
    this.#searchNeedles(piece.buffer, from, to);
    this.#searchPatterns(piece.buffer, from, to);
    this.#adjoining = Math.min(this.lookBack, this.#adjoining + to - from);
    if (!piece.isZero) this.#taken += to - from;
    if (this.#taken === this.maxlength) this.#endStretch();
    return this.#wantsMore();
  }

  /** The process has no more memory. */
  end(): void {
    this.#endStretch();
  }

  #wantsMore(): boolean {
    return this.#taken < this.maxlength && this.#wantedPatterns.length + this.#wantedNeedles.length > 0;
  }

  #searchNeedles(buffer: Buffer, from: number, to: number): void {
    const found = this.#manyIn(buffer, from, to);
    this.#wantedNeedles = this.#wantedNeedles.filter((needle) => {
      const { what } = needle;
      const begin = from - Math.min(this.#adjoining, what.bytes.length - 1);
      const isFound =
        found === undefined || what.bytes.length === 1 ? contains(buffer, begin, to, what) : found.has(what);
      if (isFound) this.#note('bytes', needle);
      return !isFound;
    });
  }

  /** All that are wanted in one pass, where there are many. */
  #manyIn(buffer: Buffer, from: number, to: number): ReadonlySet<Needle> | undefined {
    if (this.#wantedNeedles.length < many) return undefined;
    if (this.#many?.count !== this.#wantedNeedles.length) {
      const longer = this.#wantedNeedles.map(({ what }) => what).filter(({ bytes }) => bytes.length > 1);
      this.#many = { count: this.#wantedNeedles.length, needles: new ManyNeedles(longer) };
    }
    return this.#many.needles.find(buffer, from - this.#adjoining, to);
  }

  #searchPatterns(buffer: Buffer, from: number, to: number): void {
    if (this.#scan === undefined || this.#wantedPatterns.length === 0) return;
    for (let at = from; at < to; ) {
      const room = this.#scan.room();
      const count = Math.min(room.length, to - at);
      room.set(buffer.subarray(at, at + count));
      at += count;
      if (this.#scan.advance(count)) break;
    }
    this.#collectPatterns();
  }

  /** What comes next does not adjoin what came before: a text ended. */
  #endStretch(): void {
    this.#adjoining = 0;
    if (this.#scan === undefined) return;
    this.#scan.end();
    this.#collectPatterns();
    this.#scan.reset();
  }

  #collectPatterns(): void {
    const { matched } = this.#scan!;
    this.#wantedPatterns = this.#wantedPatterns.filter((i) => {
      if (matched[i] === 0) return true;
      this.#note('contents', this.#patterns[i]!);
      return false;
    });
  }

  #note(kind: 'contents' | 'bytes', { filters }: Sought<unknown>): void {
    for (const { search, index } of filters) this.#outcomes.get(search)?.[kind].add(index);
  }
}

/** One window for each pair of offset and length that the searches ask for. */
export function windowsOf(searches: readonly LabelledSearch[]): MemoryWindow[] {
  const asking = searches.filter(({ search }) => search.contents.length + search.bytes.length > 0);
  const byStretch = groupBy(asking, ({ search: { options } }) => `${options.offset} ${options.maxlength}`);
  return [...byStretch.values()].map((same) => new MemoryWindow(same));
}

function gather<T>(
  searches: readonly LabelledSearch[],
  kind: 'contents' | 'bytes',
  make: (value: string) => T,
): Sought<T>[] {
  const filters = searches.flatMap((search) => search.search[kind].map((value, index) => ({ search, index, value })));
  const byValue = groupBy(filters, ({ value }) => (kind === 'bytes' ? value.toLowerCase() : value));
  return [...byValue].map(([value, same]) => ({ what: make(value), filters: same }));
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
