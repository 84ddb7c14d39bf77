/** What is known of one process: which filters of which searches matched, and which still have to be looked for. */
import type { RunContext } from '@mig/module';
import { compile, type Regexp } from '@mig/regexp';
import type { Match, Search } from './memory.ts';

/** The lists of a search whose entries are filters, in the order of its schema. */
export const filterKinds = ['names', 'libraries', 'contents', 'bytes'] as const;
export type FilterKind = (typeof filterKinds)[number];

export interface LabelledSearch {
  readonly label: string;
  readonly search: Search;
  readonly names: readonly Regexp[];
  readonly libraries: readonly Regexp[];
}

export function compileSearches(searches: Readonly<Record<string, Search>>): LabelledSearch[] {
  return Object.entries(searches).map(([label, search]) => ({
    label,
    search,
    names: search.names.map(compile),
    libraries: search.libraries.map(compile),
  }));
}

/** The filters of a search that a process matched, by their index in the search's lists. */
export type Outcome = Readonly<Record<FilterKind, Set<number>>>;

/** Tries what needs no memory: the path of the executable, and the libraries (paths with and without their mark). */
export async function judgeCheaply(
  search: LabelledSearch,
  executable: string,
  libraries: readonly string[],
  run: Pick<RunContext<unknown>, 'breathe'>,
): Promise<Outcome> {
  return {
    names: await matching(search.names, [executable], run),
    libraries: await matching(search.libraries, libraries, run),
    contents: new Set(),
    bytes: new Set(),
  };
}

/** There may be thousands of them. */
async function matching(
  regexps: readonly Regexp[],
  texts: readonly string[],
  { breathe }: Pick<RunContext<unknown>, 'breathe'>,
): Promise<Set<number>> {
  const found = new Set<number>();
  for (const [i, regexp] of regexps.entries()) {
    const pause = breathe();
    if (pause) await pause;
    if (texts.some((text) => regexp.test(text))) found.add(i);
  }
  return found;
}

/** Whether the memory of the process can still change what the search says of it. */
export function wantsMemory({ search }: LabelledSearch, { names, libraries }: Outcome): boolean {
  if (search.contents.length + search.bytes.length === 0) return false;
  if (!search.options.matchall) return true;
  return names.size === search.names.length && libraries.size === search.libraries.length;
}

/** What the search returns for a process: one element with all filters, or one for each filter that matched. */
export function matchesOf({ search }: LabelledSearch, outcome: Outcome, process: Match['process']): Match[] {
  if (search.options.matchall) {
    const isMatch = filterKinds.every((kind) => outcome[kind].size === search[kind].length);
    return isMatch ? [{ process, search }] : [];
  }
  return filterKinds.flatMap((kind) =>
    search[kind].flatMap((value, i) => (outcome[kind].has(i) ? [{ process, search: only(search, kind, value) }] : [])),
  );
}

function only(search: Search, kind: FilterKind, value: string): Search {
  return { ...search, names: [], libraries: [], contents: [], bytes: [], [kind]: [value] };
}
