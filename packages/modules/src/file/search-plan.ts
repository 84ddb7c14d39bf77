/** Searches made ready to run: every filter with what it takes to judge it, in the order of what that costs. */
import { compile } from '@mig/regexp';
import type { FilterName, Options, Search } from './file-parameters.ts';
import { isWithin, parseAge, parseSizeFilter } from './quantities.ts';

/** What is known of a file before it is opened. Size, mode and time come from one stat. */
export interface Metadata {
  readonly size: number;
  readonly mode: string;
  readonly mtimeMs: number;
}

/** A filter on the name needs no stat; a filter on the mode sees what is no file too. */
export interface Filter {
  readonly kind: FilterName;
  /** As the investigator wrote it. */
  readonly value: string;
  /** Whether `mismatch` inverts it. */
  readonly isInverted: boolean;
}
export interface NameFilter extends Filter {
  readonly kind: 'name';
  test(name: string | Uint8Array): boolean;
}
export interface StatFilter extends Filter {
  readonly kind: 'size' | 'mode' | 'mtime';
  test(metadata: Metadata): boolean;
}
export interface ContentFilter extends Filter {
  readonly kind: 'content';
  /** The regular expression, without the `!`. */
  readonly pattern: string;
  /** Whether the value began with `!`. */
  readonly isNegated: boolean;
  /** Whether the question is for every line (macroal), and not for some line. */
  readonly isForEveryLine: boolean;
}
export interface HashFilter extends Filter {
  readonly kind: 'md5' | 'sha1' | 'sha2' | 'sha3';
  readonly algorithm: string;
}

export interface SearchPlan {
  readonly label: string;
  readonly search: Search;
  readonly options: Options;
  readonly names: readonly NameFilter[];
  readonly stats: readonly StatFilter[];
  readonly contents: readonly ContentFilter[];
  readonly hashes: readonly HashFilter[];
  /** Directories, links and special files are judged as well: the search has a filter on the mode. */
  readonly seesAll: boolean;
}

/** Makes `search` ready; ages count back from `nowMs`. */
export function planSearch(label: string, search: Search, nowMs: number): SearchPlan {
  const { options } = search;
  const base = <K extends FilterName>(kind: K, value: string) => ({
    kind,
    value,
    isInverted: options.mismatch.includes(kind),
  });
  const stats: StatFilter[] = [
    ...search.modes.map((value) => {
      const regexp = compile(value);
      return { ...base('mode', value), test: ({ mode }: Metadata) => regexp.test(mode) };
    }),
    ...search.sizes.map((value) => {
      const bound = parseSizeFilter(value)!;
      return { ...base('size', value), test: ({ size }: Metadata) => isWithin(bound, size) };
    }),
    ...search.mtimes.map((value) => {
      const bound = parseAge(value)!;
      return { ...base('mtime', value), test: ({ mtimeMs }: Metadata) => isWithin(bound, nowMs - mtimeMs) };
    }),
  ];
  return {
    label,
    search,
    options,
    names: search.names.map((value) => ({ ...base('name', value), test: compile(value).test })),
    stats,
    contents: search.contents.map((value) => ({
      ...base('content', value),
      pattern: value.replace(/^!/, ''),
      isNegated: value.startsWith('!'),
      isForEveryLine: options.macroal && !value.startsWith('!'),
    })),
    hashes: (['md5', 'sha1', 'sha2', 'sha3'] as const).flatMap((kind) =>
      search[kind].map((value) => ({ ...base(kind, value), algorithm: algorithmOf(kind, value) })),
    ),
    seesAll: search.modes.length > 0,
  };
}

function algorithmOf(kind: HashFilter['kind'], value: string): string {
  const bits = value.length * 4;
  if (kind === 'sha2') return `sha${bits}`;
  return kind === 'sha3' ? `sha3-${bits}` : kind;
}
