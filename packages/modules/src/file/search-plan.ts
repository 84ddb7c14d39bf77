/** Searches made ready to run: every filter with what it takes to judge it. */
import { compile } from '@mig/regexp';
import type { FilterName, Options, Search } from './file-parameters.ts';
import { modeString } from './mode-string.ts';
import { isWithin, parseAge, parseSizeFilter } from './quantities.ts';

/** What is known of a file before it is opened. Size, mode and time come from one stat. */
export interface Metadata {
  readonly size: number;
  /** As in inode(7), st_mode. */
  readonly mode: number;
  readonly mtimeMs: number;
}

interface Filter<Kind extends FilterName> {
  readonly kind: Kind;
  /** As the investigator wrote it. */
  readonly value: string;
  /** Whether `mismatch` inverts it. */
  readonly isInverted: boolean;
  /** Its place among the filters of its search: how threads name it to each other. */
  readonly number: number;
}
export interface NameFilter extends Filter<'name'> {
  /** Makes what its first test would make. */
  prepare(): void;
  test(name: string | Uint8Array): boolean;
}
export interface StatFilter extends Filter<'size' | 'mode' | 'mtime'> {
  test(metadata: Metadata): boolean;
}
export interface ContentFilter extends Filter<'content'> {
  /** The regular expression, without the `!`. */
  readonly pattern: string;
  /** Whether the value began with `!`. */
  readonly isNegated: boolean;
  /** Whether the question is for every line (macroal), and not for some line. */
  readonly isForEveryLine: boolean;
}
export interface HashFilter extends Filter<'md5' | 'sha1' | 'sha2' | 'sha3'> {
  /** OpenSSL's name for it. */
  readonly algorithm: string;
  /** The hash in lower case. */
  readonly digest: string;
}
export type AnyFilter = NameFilter | StatFilter | ContentFilter | HashFilter;

export interface SearchPlan {
  readonly label: string;
  /** Its place among the searches. */
  readonly number: number;
  readonly search: Search;
  readonly options: Options;
  /** All filters, by their numbers. */
  readonly filters: readonly AnyFilter[];
  readonly names: readonly NameFilter[];
  readonly stats: readonly StatFilter[];
  readonly contents: readonly ContentFilter[];
  readonly hashes: readonly HashFilter[];
  /** It has a filter on the mode, which directories, links and special files can pass as well. */
  readonly seesAll: boolean;
  readonly readsFiles: boolean;
  /** Matches that fit into one result at most: each repeats options and paths of its search. */
  readonly mostSent: number;
}

/** The `longestResultBytes` of the contract, which is not imported: its schemas would weigh on the start of a thread. */
const longestResultBytes = 16 * 1024 * 1024;

/** Makes the searches ready; ages count back from `nowMs`. */
export function planSearches(searches: Readonly<Record<string, Search>>, nowMs: number): SearchPlan[] {
  return Object.entries(searches).map(([label, search], number) => {
    const filters = planFilters(search, nowMs);
    const contents = filters.filter((filter) => filter.kind === 'content');
    const hashes = filters.filter((filter): filter is HashFilter => 'digest' in filter);
    return {
      label,
      number,
      search,
      options: search.options,
      filters,
      names: filters.filter((filter) => filter.kind === 'name'),
      stats: filters.filter(
        (filter): filter is StatFilter => filter.kind === 'size' || filter.kind === 'mode' || filter.kind === 'mtime',
      ),
      contents,
      hashes,
      seesAll: search.modes.length > 0,
      readsFiles: contents.length + hashes.length > 0,
      mostSent: Math.ceil(longestResultBytes / JSON.stringify([search.options, search.paths]).length),
    };
  });
}

/** The filters of a search, in the order of what they cost. */
function planFilters(search: Search, nowMs: number): AnyFilter[] {
  const { options } = search;
  const filters: AnyFilter[] = [];
  const base = <Kind extends FilterName>(kind: Kind, value: string) => ({
    kind,
    value,
    isInverted: options.mismatch.includes(kind),
    number: filters.length,
  });
  for (const value of search.names) {
    const { prepare, test } = compile(value);
    filters.push({ ...base('name', value), prepare, test });
  }
  for (const value of search.modes) {
    const regexp = compile(value);
    filters.push({ ...base('mode', value), test: ({ mode }: Metadata) => regexp.test(modeString(mode)) });
  }
  for (const value of search.sizes) {
    const bound = parseSizeFilter(value)!;
    filters.push({ ...base('size', value), test: ({ size }: Metadata) => isWithin(bound, size) });
  }
  for (const value of search.mtimes) {
    const bound = parseAge(value)!;
    filters.push({ ...base('mtime', value), test: ({ mtimeMs }: Metadata) => isWithin(bound, nowMs - mtimeMs) });
  }
  for (const value of search.contents) {
    const isNegated = value.startsWith('!');
    const pattern = isNegated ? value.slice(1) : value;
    filters.push({ ...base('content', value), pattern, isNegated, isForEveryLine: options.macroal && !isNegated });
  }
  for (const kind of ['md5', 'sha1', 'sha2', 'sha3'] as const) {
    for (const value of search[kind]) {
      filters.push({ ...base(kind, value), algorithm: algorithmOf(kind, value), digest: value.toLowerCase() });
    }
  }
  return filters;
}

function algorithmOf(kind: HashFilter['kind'], value: string): string {
  const bits = value.length * 4;
  if (kind === 'sha2') return `sha${bits}`;
  return kind === 'sha3' ? `sha3-${bits}` : kind;
}
