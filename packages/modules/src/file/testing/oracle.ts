/**
 * What a search should find, by other people's tools: find, grep, gzip, md5sum and its kin, openssl. Needs the Debian
 * packages findutils, grep, gzip, coreutils and openssl.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { FilterName } from '../file-parameters.ts';

/** A filter as a search has it, and how a tool finds the files that it is true of. */
export interface KnownFilter {
  readonly kind: FilterName;
  readonly value: string;
  /** Words for find(1), for filters on metadata; for a size or a time it looks behind links. */
  readonly find?: readonly string[];
  /** An extended regular expression of grep(1), for names and contents. */
  readonly grep?: string;
  /** The command that prints hashes like md5sum(1). */
  readonly sum?: readonly string[];
}

export interface KnownSearch {
  readonly filters: readonly KnownFilter[];
  readonly matchall: boolean;
  readonly macroal: boolean;
  readonly mismatch: readonly FilterName[];
  readonly decompress: boolean;
  readonly maxdepth: number;
}

/** Paths that matched; where filters stand alone, each with its filter: `path\0kind\0value`. */
export type Answer = ReadonlySet<string>;

/** Asks the tools about the tree at `root`, each question once. */
export class Oracle {
  readonly #root: string;
  readonly #folder: string;
  readonly #known = new Map<string, ReadonlySet<string>>();
  #copies: ReadonlyMap<string, string> | undefined;

  /** Copies of files go to `folder`, which lies outside of the tree. */
  constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  answer(search: KnownSearch): Answer {
    const judged = search.filters.map((filter) => [filter, this.#passing(search, filter)] as const);
    if (!search.matchall) {
      return new Set(
        judged.flatMap(([{ kind, value }, paths]) => [...paths].map((path) => `${path}\0${kind}\0${value}`)),
      );
    }
    const contents = judged.filter(([{ kind }]) => kind === 'content').map(([, paths]) => paths);
    const others = judged.filter(([{ kind }]) => kind !== 'content').map(([, paths]) => paths);
    // With macroal, a mismatch of content asks for files in which some line fails some expression.
    const isMisfit = search.macroal && search.mismatch.includes('content') && contents.length > 0;
    const content = isMisfit ? [new Set(contents.flatMap((paths) => [...paths]))] : contents;
    const hasMode = search.filters.some(({ kind }) => kind === 'mode');
    return [...others, ...content].reduce(intersect, hasMode ? this.#entries(search) : this.#files(search));
  }

  /** The paths that pass one filter, `mismatch` heeded. */
  #passing(search: KnownSearch, filter: KnownFilter): ReadonlySet<string> {
    const hasModeToo = search.matchall && search.filters.some(({ kind }) => kind === 'mode');
    const onMetadata = filter.kind === 'name' || filter.kind === 'size' || filter.kind === 'mtime';
    const seesAll = filter.kind === 'mode' || (hasModeToo && onMetadata);
    const among = seesAll ? this.#entries(search) : this.#files(search);
    const passing = intersect(among, this.#trueOf(search, filter, seesAll));
    return search.mismatch.includes(filter.kind) ? new Set([...among].filter((path) => !passing.has(path))) : passing;
  }

  /** The paths at any depth that the filter is true of. */
  #trueOf({ macroal, decompress }: KnownSearch, filter: KnownFilter, seesAll: boolean): ReadonlySet<string> {
    const among = seesAll ? this.#entries({ maxdepth: 0 }) : this.#files({ maxdepth: 0 });
    const isInflated = decompress && (filter.kind === 'content' || filter.sum !== undefined);
    return this.#once([filter.kind, filter.value, macroal, isInflated, seesAll].join('\0'), () => {
      if (!isInflated) return this.#ask(filter, macroal, among);
      this.#copies ??= inflatedCopies([...among], mkdtempSync(join(this.#folder, 'inflated-')));
      const copies = this.#copies;
      const found = this.#ask(filter, macroal, new Set(copies.keys()));
      return new Set([...found].map((copy) => copies.get(copy)!));
    });
  }

  #ask({ kind, value, find, grep, sum }: KnownFilter, macroal: boolean, among: ReadonlySet<string>) {
    const paths = [...among];
    if (kind === 'mode') return findAmong(paths, [], find!);
    if (find !== undefined) {
      const links = findAmong(paths, [], ['-type', 'l', '-xtype', 'f']);
      const others = paths.filter((path) => !links.has(path));
      return new Set([...findAmong(others, [], find), ...findAmong([...links], ['-L'], find)]);
    }
    if (kind === 'name') {
      const matching = tool(
        'grep',
        ['-zE', '-e', grep!],
        paths.map((path) => path.replace(/^.*\//s, '')),
      );
      const matched = new Set(zeroEnded(matching.stdout));
      return new Set(paths.filter((path) => matched.has(path.replace(/^.*\//s, ''))));
    }
    if (kind === 'content') {
      // -l: files with such a line; -L: files without one; with -v, such a line is one that does not match.
      const words = value.startsWith('!') ? ['-L'] : macroal ? ['-L', '-v'] : ['-l'];
      return new Set(zeroEnded(onFiles(['grep', ...words, '-Z', '-a', '-E', '-e', grep!], paths)));
    }
    const sums = onFiles([...sum!], paths)
      .toString()
      .split('\n')
      .filter(Boolean);
    return new Set(sums.flatMap((line) => (line.includes(value.toLowerCase()) ? [pathOfSum(line)] : [])));
  }

  /** Regular files, and links to regular files. */
  #files({ maxdepth }: Pick<KnownSearch, 'maxdepth'>): ReadonlySet<string> {
    return this.#once(`files\0${maxdepth}`, () =>
      this.#find(maxdepth, ['-type', 'f', '-o', '-type', 'l', '-xtype', 'f']),
    );
  }

  #entries({ maxdepth }: Pick<KnownSearch, 'maxdepth'>): ReadonlySet<string> {
    return this.#once(`entries\0${maxdepth}`, () => this.#find(maxdepth, ['-true']));
  }

  #find(maxdepth: number, words: readonly string[]): ReadonlySet<string> {
    const depth = maxdepth === 0 ? [] : ['-maxdepth', String(maxdepth)];
    return new Set(zeroEnded(tool('find', [this.#root, ...depth, '(', ...words, ')', '-print0']).stdout));
  }

  #once(key: string, make: () => ReadonlySet<string>): ReadonlySet<string> {
    const made = this.#known.get(key) ?? make();
    this.#known.set(key, made);
    return made;
  }
}

function intersect(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((path) => b.has(path)));
}

function findAmong(paths: readonly string[], first: readonly string[], words: readonly string[]): ReadonlySet<string> {
  if (paths.length === 0) return new Set();
  const args = [...first, '-files0-from', '-', '-maxdepth', '0', '(', ...words, ')', '-print0'];
  return new Set(zeroEnded(tool('find', args, paths).stdout));
}

/** Runs `words` with `paths` behind them. */
function onFiles(words: readonly string[], paths: readonly string[]): Buffer {
  return paths.length === 0 ? Buffer.alloc(0) : tool('xargs', ['-0', ...words, '--'], paths).stdout;
}

/** Copies of files in `folder`, inflated by gzip(1) where they are compressed: the file of each copy. */
function inflatedCopies(paths: readonly string[], folder: string): ReadonlyMap<string, string> {
  const copies = new Map(paths.map((path, number) => [join(folder, String(number)), path]));
  const pairs = [...copies].flatMap(([copy, path]) => [path, copy]);
  // -f passes on what is not compressed, as it is.
  tool('xargs', ['-0', 'sh', '-c', 'while [ $# -gt 0 ]; do gzip -dcf < "$1" > "$2"; shift 2; done', 'sh'], pairs);
  return copies;
}

function tool(
  command: string,
  args: readonly string[],
  zeroEndedInput: readonly string[] = [],
): SpawnSyncReturns<Buffer> {
  const input = zeroEndedInput.map((item) => `${item}\0`).join('');
  const result = spawnSync(command, args, {
    input,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    maxBuffer: 1 << 28,
  });
  if (result.error !== undefined)
    throw new Error(`${command} could not be run: apt-get install the package that has it`);
  return result;
}

function zeroEnded(bytes: Buffer): string[] {
  return bytes.toString().split('\0').filter(Boolean);
}

/** md5sum and its kin write `hash  path`, openssl -r `hash *path`. */
function pathOfSum(line: string): string {
  return line.replace(/^\S+ [ *]/, '');
}
