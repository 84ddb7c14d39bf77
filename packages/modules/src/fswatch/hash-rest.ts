/** Hashes the files that have no hash yet: those that were there at the start, beside everything else. */
import { lstatSync } from 'node:fs';
import { joinPath } from '../file/raw-path.ts';
import type { Contents } from './contents.ts';
import type { Directory } from './directory.ts';
import { type Signature, signatureOf, unsettledMs } from './signature.ts';

export interface HashRestOptions {
  readonly directories: ReadonlyMap<string, Directory>;
  readonly contents: Contents;
  readonly isStopped: () => boolean;
  /** Told of a file that is hashed now. */
  readonly onHashed: (directory: Directory, name: string) => void;
  /** Told of a file that may have changed without a trace while it was hashed. */
  readonly onUnsettled: (directory: Directory, name: string) => void;
  /** Told when nothing is left that could be hashed. */
  readonly onDone: () => void;
}

export class HashRest {
  readonly #options: HashRestOptions;
  #isWanted = false;
  #isRunning = false;

  constructor(options: HashRestOptions) {
    this.#options = options;
  }

  /** Begins; where it is under way, everything is gone through once more afterwards. */
  async begin(): Promise<void> {
    this.#isWanted = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#isWanted && !this.#options.isStopped()) {
      this.#isWanted = false;
      for (const directory of [...this.#options.directories.values()]) await this.#hashIn(directory);
    }
    this.#isRunning = false;
    this.#options.onDone();
  }

  async #hashIn(directory: Directory): Promise<void> {
    const { contents, isStopped, onHashed, onUnsettled } = this.#options;
    for (const [name, known] of directory.entries) {
      if (known.kind !== 'file' || known.content !== undefined || !contents.isHashed(known)) continue;
      const lookedAt = Date.now();
      const now = await hashKnown(directory, name, known, contents);
      if (isStopped()) return;
      if (now === undefined || directory.entries.get(name) !== known) continue;
      directory.entries.set(name, now);
      onHashed(directory, name);
      if (unsettledMs(now, lookedAt) > 0) onUnsettled(directory, name);
    }
  }
}

/** Undefined where the file is not any more what was known: the next comparison finds that. */
async function hashKnown(
  directory: Directory,
  name: string,
  known: Signature,
  contents: Contents,
): Promise<Signature | undefined> {
  const path = joinPath(directory.path, known.rawName ?? name);
  try {
    const { stats, content } = await contents.read(path, lstatSync(path), 1);
    return content === undefined || !known.isStill(stats)
      ? undefined
      : signatureOf(stats, known.rawName ?? name, content);
  } catch {
    return undefined;
  }
}
