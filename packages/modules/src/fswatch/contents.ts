/** The hashes of files: small ones at once, large ones beside everything else, so that they hold up nothing. */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import type { RawPath } from '../file/raw-path.ts';
import { hashFile } from '../hash-file.ts';
import type { Pace } from './pace.ts';

/** Up to this size a file is hashed at once. */
const smallBytes = 4 * 1024 * 1024;
/** How often a file is read again that changes while it is read. */
const mostTries = 3;

/** A state of a file with its content: undefined where that cannot be known. */
export interface Looked {
  readonly stats: Stats;
  readonly content: string | undefined;
}

export class Contents {
  readonly #pace: Pace;
  readonly #limitBytes: number;
  readonly #onTrouble: (path: RawPath, error: NodeJS.ErrnoException) => void;
  readonly #onHashed: (key: string) => void;
  /** Large files that are being hashed, and then, until they are asked for, the outcome. */
  readonly #large = new Map<string, Looked | 'under way'>();
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
    if (stats.isSymbolicLink()) return { stats, content: readlinkSync(path) };
    if (!stats.isFile() || !this.isHashed(stats)) return { stats, content: undefined };
    const known = this.#large.get(key);
    if (known === 'under way') return undefined;
    if (known !== undefined) {
      this.#large.delete(key);
      if (isSame(known.stats, stats) || known.content === undefined) return { stats, content: known.content };
    }
    if (stats.size <= smallBytes) return this.read(path, stats);
    this.#large.set(key, 'under way');
    this.#chain = this.#chain.then(() => this.#readLarge(key, path, stats));
    return undefined;
  }

  /** Reads until the file holds still. Throws the error of lstat(2). */
  async read(path: RawPath, stats: Stats, tries = mostTries): Promise<Looked> {
    for (let tried = 1; ; tried++) {
      const content = await this.#hash(path);
      const after = lstatSync(path);
      if (isSame(stats, after)) return { stats, content };
      if (tried === tries || !after.isFile()) return { stats: after, content: undefined };
      stats = after;
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #readLarge(key: string, path: RawPath, stats: Stats): Promise<void> {
    if (this.#isStopped) return;
    // What changes all the time is reported without a hash rather than never.
    const looked = await this.read(path, stats, 1).catch(() => ({ stats, content: undefined }));
    this.#large.set(key, looked);
    this.#onHashed(key);
  }

  async #hash(path: RawPath): Promise<string | undefined> {
    const onPiece = (bytes: number) => {
      if (this.#isStopped) throw new Error('stopped');
      return this.#pace.spend(bytes);
    };
    try {
      const hex = await hashFile(path, 'sha256', { isLink: false, onPiece });
      return Buffer.from(hex, 'hex').toString('latin1');
    } catch (error) {
      // What is gone, or a link by now, is found by looking at it again.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ELOOP') this.#onTrouble(path, error as NodeJS.ErrnoException);
      return undefined;
    }
  }
}

function isSame(one: Stats, other: Stats): boolean {
  return (
    one.ino === other.ino && one.ctimeMs === other.ctimeMs && one.mtimeMs === other.mtimeMs && one.size === other.size
  );
}
