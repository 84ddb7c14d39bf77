/**
 * Compares what is on disk with what is known, and reports each difference once. Events of the system only say where to
 * look first: an event that was lost, or came twice, changes nothing in what is reported.
 */
import { lstatSync, type Stats } from 'node:fs';
import { joinPath, type RawPath, showPath } from '../file/raw-path.ts';
import { Contents } from './contents.ts';
import { Directory, isMissing, isPath, keyOf } from './directory.ts';
import { HashRest } from './hash-rest.ts';
import { Hints } from './hints.ts';
import type { Pace } from './pace.ts';
import type { Roots } from './roots.ts';
import { type Difference, differences, type Signature, signatureOf, unsettledMs } from './signature.ts';
import { SystemWatches } from './system-watches.ts';
import { Troubles } from './troubles.ts';

export interface TreeOptions {
  /** The directories that are watched; before the start, with what an instance before knew. */
  readonly directories: Map<string, Directory>;
  readonly roots: Roots;
  readonly pace: Pace;
  readonly settleMs: number;
  readonly hashLimitBytes: number;
  readonly report: (difference: Difference) => void;
  /** Told of each entry whose known state is another one now, or gone. */
  readonly onKnown: (directory: Directory, name: string) => void;
  readonly log: (message: string) => void;
}

export class WatchedTree {
  readonly directories: Map<string, Directory>;
  readonly troubles = new Troubles();
  readonly watches: SystemWatches;
  /** Comparisons of everything that came to their end. */
  rescans = 0;
  readonly #options: TreeOptions;
  readonly #hints: Hints;
  readonly #contents: Contents;
  readonly #rest: HashRest;
  /** Files that may have changed without a trace while they were hashed. */
  readonly #unsettled = new Set<string>();
  /** At the start: `learn` takes everything as it is, `compare` finds what is not as an instance before knew it. */
  #start: 'learn' | 'compare' | 'over' = 'learn';
  /** Files that were found to differ at the start, and are to be hashed. */
  readonly #differing = new Set<string>();
  #isStopped = false;
  #working: Promise<void> | undefined;
  #wants: 'nothing' | 'poll' | 'rescan' = 'nothing';
  /** Whether a comparison of everything is under way. */
  #isComparing = false;

  constructor(options: TreeOptions) {
    this.#options = options;
    this.directories = options.directories;
    this.#hints = new Hints(options.settleMs, () => this.#wake());
    this.watches = new SystemWatches({
      directories: this.directories,
      hints: this.#hints,
      onTrouble: (path, error) => this.troubles.add(path, error),
      log: options.log,
    });
    this.#contents = new Contents(options.pace, options.hashLimitBytes, {
      trouble: (path, error) => this.troubles.add(showPath(path), error),
      hashed: (key) => {
        const [directory = '', name = ''] = key.split('\n\0');
        this.#hint(directory, name, 0);
      },
    });
    this.#rest = new HashRest({
      directories: this.directories,
      contents: this.#contents,
      isStopped: () => this.#isStopped,
      onHashed: options.onKnown,
      onUnsettled: (directory, name) => this.#lookAgain(directory, name, options.settleMs),
      onDone: () => this.#isComparing || this.troubles.end(),
    });
  }

  /**
   * Learns what is there; nothing of it is reported. With what an instance before knew in `directories`, what differs
   * from that is. Files in `unsettled` (as keyOf gives them) may have changed without a trace in their times.
   */
  async start(unsettled?: ReadonlySet<string>): Promise<void> {
    if (unsettled !== undefined) {
      this.#start = 'compare';
      for (const key of unsettled) this.#unsettled.add(key);
    }
    const known = [...this.directories.values()];
    for (const path of this.#options.roots.parents) await this.#open(path, path);
    for (const directory of known)
      if (this.directories.get(directory.key) === directory) await this.#compare(directory);
    this.#start = 'over';
    this.#wake();
    void this.#rest.begin();
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
    if (this.#isStopped || this.#start !== 'over') return;
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
      this.#isComparing = true;
      this.troubles.begin();
    }
    if (wanted !== 'nothing') {
      for (const directory of [...this.directories.values()]) {
        if (wanted === 'rescan' || !directory.isWatched) await this.#compare(directory);
        if (this.#isStopped) return;
      }
      this.watches.endRound();
    }
    if (wanted === 'rescan') {
      this.#isComparing = false;
      this.rescans++;
      void this.#rest.begin();
    }
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
    this.watches.watch(directory);
    let names: ReadonlyMap<string, RawPath>;
    try {
      names = directory.list();
    } catch (error) {
      this.troubles.add(directory.key, error as NodeJS.ErrnoException);
      return;
    }
    for (const [name, raw] of names) {
      const checking = this.#check(directory, name, raw) ?? this.#options.pace.breathe();
      if (checking !== undefined) await checking;
      if (this.#isStopped) return;
    }
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
      else this.troubles.add(shown, error as NodeJS.ErrnoException);
      return undefined;
    }
    const key = keyOf(directory, name);
    const isSuspect = this.#unsettled.delete(key) || this.#differing.has(key);
    if (this.#start === 'compare') return this.#compareWithBefore(directory, name, raw, path, stats, isSuspect);
    if (!isSuspect && old?.isStill(stats)) return undefined;
    return this.#update(directory, name, raw, path, stats);
  }

  /** At the start: what is still as it was is taken over, and files that are not are hashed once all are watched. */
  #compareWithBefore(
    directory: Directory,
    name: string,
    raw: RawPath,
    path: RawPath,
    stats: Stats,
    isSuspect: boolean,
  ): Promise<void> | undefined {
    const old = directory.entries.get(name);
    if (!isSuspect && old?.isStill(stats, old.dev)) {
      if (old.dev !== stats.dev) this.#know(directory, name, signatureOf(stats, raw, old.content));
      const shown = showPath(path);
      return old.kind === 'directory' && !this.directories.has(shown) ? this.#open(shown, path) : undefined;
    }
    if (!stats.isFile()) return this.#update(directory, name, raw, path, stats);
    this.#differing.add(keyOf(directory, name));
    this.#hint(directory.key, name, 0);
    return undefined;
  }

  #know(directory: Directory, name: string, now: Signature): void {
    directory.entries.set(name, now);
    this.#options.onKnown(directory, name);
  }

  async #update(directory: Directory, name: string, raw: RawPath, path: RawPath, stats: Stats): Promise<void> {
    const key = keyOf(directory, name);
    const lookedAt = Date.now();
    let content: string | undefined;
    // At the start, files are hashed once all of them are watched.
    if (this.#start !== 'learn' || stats.isSymbolicLink()) {
      try {
        const looked = await this.#contents.look(key, path, stats);
        if (looked === undefined) return;
        ({ stats, content } = looked);
      } catch (error) {
        if (isMissing(error)) this.#hint(directory.key, name);
        else this.troubles.add(showPath(path), error as NodeJS.ErrnoException);
        return;
      }
    }
    const old = directory.entries.get(name);
    const now = signatureOf(stats, raw, content);
    this.#know(directory, name, now);
    const whileAway = this.#differing.delete(key) || this.#start === 'compare';
    const shown = showPath(path);
    if (old?.kind === 'directory' && now.kind !== 'directory') this.#close(shown);
    const what = old === undefined ? [] : differences(old, now);
    if (this.#start !== 'learn' && (old === undefined || what.length > 0))
      this.#options.report({ path: shown, old, now, what, whileAway });
    const waitMs = content === undefined ? 0 : unsettledMs(now, lookedAt);
    if (waitMs > 0) this.#lookAgain(directory, name, waitMs);
    if (now.kind === 'directory') await this.#open(shown, path);
  }

  #remove(directory: Directory, name: string, shown: string): void {
    const key = keyOf(directory, name);
    this.#contents.forget(key);
    const whileAway = this.#differing.delete(key) || this.#start === 'compare';
    const old = directory.entries.get(name);
    if (old === undefined) return;
    directory.entries.delete(name);
    this.#options.onKnown(directory, name);
    if (old.kind === 'directory') this.#close(shown);
    this.#options.report({ path: shown, old, now: undefined, what: [], whileAway });
  }

  /** Reports everything in a directory as removed, and forgets it. */
  #close(key: string): void {
    const directory = this.directories.get(key);
    if (directory === undefined) return;
    directory.unwatch();
    // Those that are not known yet as well: they are told of once they are hashed.
    this.#contents.forgetAll(keyOf(directory, ''));
    for (const [name, { rawName }] of [...directory.entries]) {
      this.#remove(directory, name, showPath(joinPath(directory.path, rawName ?? name)));
    }
    // A root may come back there.
    if (!this.#options.roots.parents.includes(key)) this.directories.delete(key);
  }

  /** Hashes once more what may have changed without a trace. */
  #lookAgain(directory: Directory, name: string, waitMs: number): void {
    this.#unsettled.add(keyOf(directory, name));
    this.#hint(directory.key, name, waitMs);
  }

  /** Has an entry looked at; with all of its directory where its name does not tell its path. */
  #hint(directory: string, name: string, waitMs?: number): void {
    this.#hints.add(directory, isPath(name) ? name : undefined, waitMs);
  }
}
