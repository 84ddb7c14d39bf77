/** The hashes of files: small ones at once, large ones beside everything else, so that they hold up nothing. */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import type { RawPath } from '../file/raw-path.ts';
import { hashFile } from '../hash-file.ts';
import type { Pace } from './pace.ts';

/** Up to this size a file is hashed at once. */
const smallBytes = 4 * 1024 * 1024;
/** How often a file is read again that changes while it is read. */
const mostTries = 3;
/** The same for a large one: what changes all the time is told without a hash rather than never. */
const mostTriesOfLarge = 2;

/** A state of a file with its content: undefined where that cannot be known. */
export interface Looked {
  readonly stats: Stats;
  readonly content: string | undefined;
}

/** A large file that is being hashed, and then, until it is asked for, the outcome. */
interface Job {
  readonly key: string;
  outcome: Looked | undefined;
}

export class Contents {
  readonly #pace: Pace;
  readonly #limitBytes: number;
  readonly #onTrouble: (path: RawPath, error: NodeJS.ErrnoException) => void;
  readonly #onHashed: (key: string) => void;
  readonly #jobs = new Map<string, Job>();
  #chain: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    pace: Pace,
    limitBytes: number,
    on: { trouble: (path: RawPath, error: NodeJS.ErrnoException) => void; hashed: (key: string) => void },
  ) {
    this.#pace = pace;
    this.#limitBytes = limitBytes;
    this.#onTrouble = on.trouble;
    this.#onHashed = on.hashed;
  }

  isHashed(stats: { readonly size: number }): boolean {
    return stats.size <= this.#limitBytes;
  }

  /**
   * The content of the file at `path`, and its state when that was read. Undefined when a large file is hashed first:
   * then `hashed` is told `key`, and the next call with it has the answer. Throws the error of lstat(2) or readlink(2).
   */
  async look(key: string, path: RawPath, stats: Stats): Promise<Looked | undefined> {
    if (!stats.isFile() || !this.isHashed(stats)) {
      this.forget(key);
      return { stats, content: stats.isSymbolicLink() ? readlinkSync(path) : undefined };
    }
    const job = this.#jobs.get(key);
    const known = job?.outcome;
    if (job !== undefined && known === undefined) return undefined;
    this.forget(key);
    if (known !== undefined && (isSame(known.stats, stats) || known.content === undefined))
      return { stats, content: known.content };
    if (stats.size <= smallBytes) return this.read(path, stats);
    const next: Job = { key, outcome: undefined };
    this.#jobs.set(key, next);
    this.#chain = this.#chain.then(() => this.#readLarge(next, path, stats));
    return undefined;
  }

  /** Forgets what `look` began for `key`: the file is not there any more, or is something else. */
  forget(key: string): void {
    this.#jobs.delete(key);
  }

  /** The same for all keys that begin with `beginning`. */
  forgetAll(beginning: string): void {
    for (const key of this.#jobs.keys()) if (key.startsWith(beginning)) this.#jobs.delete(key);
  }

  /** Reads until the file holds still, or is not wanted any more. Throws the error of lstat(2). */
  async read(path: RawPath, stats: Stats, tries = mostTries, isWanted = () => true): Promise<Looked> {
    for (let tried = 1; ; tried++) {
      const content = await this.#hash(path, isWanted);
      const after = lstatSync(path);
      if (isSame(stats, after)) return { stats, content };
      if (tried === tries || !after.isFile()) return { stats: after, content: undefined };
      stats = after;
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #readLarge(job: Job, path: RawPath, stats: Stats): Promise<void> {
    const isWanted = () => this.#jobs.get(job.key) === job;
    if (this.#isStopped || !isWanted()) return;
    job.outcome = await this.read(path, stats, mostTriesOfLarge, isWanted).catch(() => ({ stats, content: undefined }));
    if (isWanted()) this.#onHashed(job.key);
  }

  async #hash(path: RawPath, isWanted: () => boolean): Promise<string | undefined> {
    const onPiece = (bytes: number) => {
      if (this.#isStopped || !isWanted()) throw new Abandoned();
      return this.#pace.spend(bytes);
    };
    try {
      const hex = await hashFile(path, 'sha256', { isLink: false, onPiece });
      return Buffer.from(hex, 'hex').toString('latin1');
    } catch (error) {
      // What is gone, or a link by now, is found by looking at it again.
      const { code } = error as NodeJS.ErrnoException;
      if (!(error instanceof Abandoned) && code !== 'ENOENT' && code !== 'ELOOP')
        this.#onTrouble(path, error as NodeJS.ErrnoException);
      return undefined;
    }
  }
}

/** Why a reading was given up that nobody wants any more. */
class Abandoned extends Error {}

function isSame(one: Stats, other: Stats): boolean {
  return (
    one.ino === other.ino && one.ctimeMs === other.ctimeMs && one.mtimeMs === other.mtimeMs && one.size === other.size
  );
}
