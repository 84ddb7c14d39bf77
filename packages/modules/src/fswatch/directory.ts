/** A directory that is watched: what is known of its entries, and the system's watch on it. */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename } from 'node:path';
import { listDirectory } from '../file/listing.ts';
import type { RawPath } from '../file/raw-path.ts';
import type { Coverage } from './roots.ts';
import type { Signature } from './signature.ts';

export interface Listener {
  /** Called for each event of the system. */
  event(): void;
  /** Told what may have changed: the name of an entry, or undefined for the directory as a whole. */
  hint(directory: Directory, name: string | undefined): void;
}

export class Directory {
  /** The path as people see it: the key of this directory. */
  readonly key: string;
  readonly path: RawPath;
  readonly coverage: Coverage;
  readonly entries = new Map<string, Signature>();
  #watcher: FSWatcher | undefined;
  #identity = '';
  #isStale = false;
  /** Whether there was a directory at the path when it was to be watched last. */
  isThere = false;

  constructor(key: string, path: RawPath, coverage: Coverage) {
    this.key = key;
    this.path = path;
    this.coverage = coverage;
  }

  get isWatched(): boolean {
    return this.#watcher !== undefined;
  }

  covers(name: string): boolean {
    return this.coverage.all || this.coverage.names.has(name);
  }

  /**
   * Watches the directory that is at the path now; call it before listing, so that nothing comes in between. Throws the
   * error of inotify_add_watch(2) and its like; a directory that is not there is not watched, without an error.
   */
  watch(listener: Listener): void {
    const identity = identityOf(this.path);
    this.isThere = identity !== undefined;
    if (this.#watcher !== undefined && identity === this.#identity && !this.#isStale) return;
    this.unwatch();
    if (identity === undefined) return;
    const own = basename(this.key);
    const watcher = watch(this.path, { persistent: false }, (_, name) => {
      listener.event();
      if (name === own) this.#isStale = true;
      // A name that is not UTF-8 cannot be told from its text.
      const isWhole = name === null || name === own || name.includes('\ufffd');
      if (isWhole) listener.hint(this, undefined);
      if (name !== null && this.covers(name)) listener.hint(this, name);
    });
    watcher.on('error', () => {
      this.#isStale = true;
      listener.hint(this, undefined);
    });
    this.#watcher = watcher;
    this.#identity = identity;
    this.#isStale = false;
  }

  /**
   * What is to be compared: the names that are there, are known, or are covered by themselves. One that is not UTF-8 is
   * its bytes behind a NUL, which no other can hold. Throws the error of readdir(3); no directory is an empty one.
   */
  list(): Map<string, RawPath> {
    const names = new Map<string, RawPath>();
    for (const name of this.coverage.names) names.set(name, name);
    for (const name of this.coverage.all ? this.#listed() : [])
      names.set(typeof name === 'string' ? name : `\0${name.toString('latin1')}`, name);
    for (const [name, { rawName }] of this.entries) if (!names.has(name)) names.set(name, rawName ?? name);
    return names;
  }

  #listed(): RawPath[] {
    try {
      return listDirectory(this.path).map(({ name }) => name);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** The watch may be on something else by now: it is made anew before the next comparison. */
  distrust(): void {
    this.#isStale = true;
  }

  unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

/** Tells an entry from all others: a line end and a NUL cannot follow each other in a path. */
export function keyOf(directory: Directory, name: string): string {
  return `${directory.key}\n\0${name}`;
}

/** Whether a name of an entry is the one of its path: `Directory.list` has others. */
export function isPath(name: string): boolean {
  return !name.startsWith('\0');
}

/** Tells a directory from another that has its place, or its inode, later. Follows a link: to where a root lies. */
function identityOf(path: RawPath): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ? `${stats.dev}:${stats.ino}:${stats.birthtimeMs}` : undefined;
}

/** Whether there is nothing at the path, as an error of the file system says. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
