/**
 * Compares what is on disk with what is known, and reports each difference once. Events of the system only say where to
 * look first: an event that was lost, or came twice, changes nothing in what is reported.
 */
import { lstatSync, type Stats } from 'node:fs';
import { listDirectory } from '../file/listing.ts';
import { joinPath, type RawPath, showPath } from '../file/raw-path.ts';
import { Contents } from './contents.ts';
import { Directory, type Listener } from './directory.ts';
import { hashRest } from './hash-rest.ts';
import { Hints } from './hints.ts';
import type { Pace } from './pace.ts';
import type { Roots } from './roots.ts';
import { differences, Signature, unsettledMs } from './signature.ts';
import { explainLimit, queuedEvents } from './watch-limit.ts';

/** A difference between what was known of a path and what is there. */
export interface Difference {
  readonly path: string;
  /** Undefined for a file that was created. */
  readonly old: Signature | undefined;
  /** Undefined for a file that was removed. */
  readonly now: Signature | undefined;
  readonly what: readonly string[];
}

export interface TreeOptions {
  readonly roots: Roots;
  readonly pace: Pace;
  readonly settleMs: number;
  readonly hashLimitBytes: number;
  readonly report: (difference: Difference) => void;
  readonly log: (message: string) => void;
}

/** Troubles with paths that are kept by name. */
const mostTroubles = 100;

export class WatchedTree {
  readonly directories = new Map<string, Directory>();
  /** What could not be read, by path. */
  readonly troubles = new Map<string, string>();
  /** Which limit keeps the system from watching all of it. */
  limit: string | undefined;
  events = 0;
  rescans = 0;
  readonly #options: TreeOptions;
  readonly #hints: Hints;
  readonly #contents: Contents;
  /** Files that may have changed without a trace while they were hashed. */
  readonly #unsettled = new Set<string>();
  #isBaseline = true;
  #isStopped = false;
  #working: Promise<void> | undefined;
  #wants: 'nothing' | 'poll' | 'rescan' = 'nothing';
  #burst = 0;
  #isHashing = false;
  #saidLimit: string | undefined;
  readonly #listener: Listener = {
    event: () => this.#countEvent(),
    hint: ({ key }, name) => this.#hints.add(key, name),
  };

  constructor(options: TreeOptions) {
    this.#options = options;
    this.#hints = new Hints(options.settleMs, () => this.#wake());
    this.#contents = new Contents(options.pace, options.hashLimitBytes, {
      trouble: (path, error) => this.#trouble(showPath(path), error),
      hashed: (key) => {
        const [directory = '', name] = key.split('\n\0');
        this.#hints.add(directory, name, 0);
      },
    });
  }

  /** Learns what is there. Nothing of it is reported. */
  async start(): Promise<void> {
    for (const path of this.#options.roots.parents) await this.#open(path, path);
    this.#isBaseline = false;
    void this.#hashRest();
  }

  /** Compares everything, or with `poll` what the system does not watch. */
  look(at: 'poll' | 'rescan'): void {
    if (this.#wants !== 'rescan') this.#wants = at;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#hints.stop();
    this.#contents.stop();
    for (const directory of this.directories.values()) directory.unwatch();
    await this.#working;
  }

  #wake(): void {
    if (this.#isStopped) return;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#wants !== 'nothing') this.#wake();
      else this.#hints.arm();
    });
  }

  async #work(): Promise<void> {
    if (this.#hints.isOverflown) this.#wants = 'rescan';
    const wanted = this.#wants;
    this.#wants = 'nothing';
    if (wanted === 'rescan') {
      this.#hints.isOverflown = false;
      this.rescans++;
      this.troubles.clear();
    }
    if (wanted !== 'nothing') {
      this.limit = undefined;
      for (const directory of [...this.directories.values()]) {
        if (wanted === 'rescan' || !directory.isWatched) await this.#compare(directory);
        if (this.#isStopped) return;
      }
    }
    if (wanted === 'rescan') void this.#hashRest();
    for (const { directory: key, name } of this.#hints.take()) {
      const directory = this.directories.get(key);
      if (directory === undefined) continue;
      if (name === undefined) await this.#compare(directory);
      else await this.#check(directory, name, name);
      await this.#options.pace.breathe();
      if (this.#isStopped) return;
    }
  }

  async #open(key: string, path: RawPath): Promise<void> {
    const known = this.directories.get(key);
    const directory = known ?? new Directory(key, path, this.#options.roots.coverageOf(key));
    if (!directory.coverage.all && directory.coverage.names.size === 0) return;
    this.directories.set(key, directory);
    await this.#compare(directory);
  }

  /** Compares a directory with what is known of it; first it is watched, so that nothing gets lost in between. */
  async #compare(directory: Directory): Promise<void> {
    this.#watch(directory);
    const names = new Map<string, RawPath>();
    for (const name of directory.coverage.names) names.set(name, name);
    if (directory.coverage.all) {
      try {
        // A name with a NUL cannot be: what is not UTF-8 cannot be mistaken for another name.
        for (const { name } of listDirectory(directory.path)) {
          names.set(typeof name === 'string' ? name : `\0${name.toString('latin1')}`, name);
        }
      } catch (error) {
        if (!isMissing(error)) {
          this.#trouble(directory.key, error as NodeJS.ErrnoException);
          return;
        }
      }
    }
    for (const [name, { rawName }] of directory.entries) if (!names.has(name)) names.set(name, rawName ?? name);
    for (const [name, raw] of names) {
      const checking = this.#check(directory, name, raw) ?? this.#options.pace.breathe();
      if (checking !== undefined) await checking;
      if (this.#isStopped) return;
    }
  }

  #watch(directory: Directory): void {
    try {
      directory.watch(this.#listener);
    } catch (error) {
      const limit = explainLimit(error as NodeJS.ErrnoException);
      if (limit === undefined) {
        if (!isMissing(error)) this.#trouble(directory.key, error as NodeJS.ErrnoException);
        return;
      }
      if (this.#saidLimit !== limit) this.#options.log(`${limit}; what is not watched is scanned from time to time`);
      this.#saidLimit = limit;
      this.limit = limit;
    }
  }

  // The runtime hands over all that is queued in one go, and hides that the queue overflowed. Half of it is suspect.
  #countEvent(): void {
    this.events++;
    if (this.#burst++ === 0) setImmediate(() => this.#endBurst());
  }

  #endBurst(): void {
    if (this.#burst >= queuedEvents / 2) {
      // Lost events may have told that a watched directory is gone.
      for (const directory of this.directories.values()) directory.distrust();
      this.#hints.overflow();
    }
    this.#burst = 0;
  }

  /** Compares one entry with what is known of it. Gives a promise only where something is to be done. */
  #check(directory: Directory, name: string, raw: RawPath): Promise<void> | undefined {
    if (!directory.covers(name)) return undefined;
    const old = directory.entries.get(name);
    const path = joinPath(directory.path, raw);
    const shown = showPath(path);
    if (this.#options.roots.isExcluded(shown)) return undefined;
    let stats: Stats;
    try {
      stats = lstatSync(path);
    } catch (error) {
      if (isMissing(error)) this.#remove(directory, name, shown);
      else this.#trouble(shown, error as NodeJS.ErrnoException);
      return undefined;
    }
    if (!this.#unsettled.delete(keyOf(directory, name)) && old?.isStill(stats)) return undefined;
    return this.#update(directory, name, raw, path, stats);
  }

  async #update(directory: Directory, name: string, raw: RawPath, path: RawPath, stats: Stats): Promise<void> {
    const key = keyOf(directory, name);
    const lookedAt = Date.now();
    let content: string | undefined;
    // At the start, files are hashed once all of them are watched.
    if (!this.#isBaseline || stats.isSymbolicLink()) {
      try {
        const looked = await this.#contents.look(key, path, stats);
        if (looked === undefined) return;
        ({ stats, content } = looked);
      } catch (error) {
        if (isMissing(error)) this.#hints.add(directory.key, typeof raw === 'string' ? name : undefined);
        else this.#trouble(showPath(path), error as NodeJS.ErrnoException);
        return;
      }
    }
    const old = directory.entries.get(name);
    const now = new Signature(stats, raw, content);
    directory.entries.set(name, now);
    const shown = showPath(path);
    if (old?.kind === 'directory' && now.kind !== 'directory') this.#close(shown);
    const what = old === undefined ? [] : differences(old, now);
    if (!this.#isBaseline && (old === undefined || what.length > 0))
      this.#options.report({ path: shown, old, now, what });
    const waitMs = content === undefined ? 0 : unsettledMs(now, lookedAt);
    if (waitMs > 0) this.#lookAgain(directory, name, waitMs);
    if (now.kind === 'directory') await this.#open(shown, path);
  }

  #remove(directory: Directory, name: string, shown: string): void {
    const old = directory.entries.get(name);
    if (old === undefined) return;
    directory.entries.delete(name);
    if (old.kind === 'directory') this.#close(shown);
    this.#options.report({ path: shown, old, now: undefined, what: [] });
  }

  /** Reports everything in a directory as removed, and forgets it. */
  #close(key: string): void {
    const directory = this.directories.get(key);
    if (directory === undefined) return;
    directory.unwatch();
    for (const [name, { rawName }] of [...directory.entries]) {
      this.#remove(directory, name, showPath(joinPath(directory.path, rawName ?? name)));
    }
    // A root may come back there.
    if (!this.#options.roots.parents.includes(key)) this.directories.delete(key);
  }

  async #hashRest(): Promise<void> {
    if (this.#isHashing) return;
    this.#isHashing = true;
    await hashRest({
      directories: [...this.directories.values()],
      contents: this.#contents,
      isStopped: () => this.#isStopped,
      onUnsettled: (directory, name) => this.#lookAgain(directory, name, this.#options.settleMs),
    });
    this.#isHashing = false;
  }

  /** Hashes once more what may have changed without a trace. */
  #lookAgain(directory: Directory, name: string, waitMs: number): void {
    this.#unsettled.add(keyOf(directory, name));
    this.#hints.add(directory.key, directory.entries.get(name)?.rawName === undefined ? name : undefined, waitMs);
  }

  #trouble(path: string, error: NodeJS.ErrnoException): void {
    if (this.troubles.size < mostTroubles) this.troubles.set(path, error.code ?? error.message);
    else this.troubles.set('…', 'and more that could not be read');
  }
}

/** A line end and a NUL cannot follow each other in a path. */
function keyOf(directory: Directory, name: string): string {
  return `${directory.key}\n\0${name}`;
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
