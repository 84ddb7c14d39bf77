/**
 * What is known of the watched files, kept from one instance to the next, so that what changed in between is found. Each
 * line of its log is one state of one file: a first line says what is watched, `{"directory":…}` where the entries after it
 * are, `["name",…]` what is known of one, a name alone that it is gone.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StateLog } from '../state-log.ts';
import { Directory, keyOf } from './directory.ts';
import type { Roots } from './roots.ts';
import { Signature } from './signature.ts';

/** Files that are kept, at most: some 40 MB. */
export const mostKept = 200_000;
/** A file that was changed so shortly before the last line may have been changed once more without a trace. */
const tickMs = 2_000;

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const Line = z.union([
  z.strictObject({ listing: z.literal(1), watching: z.string() }),
  z.strictObject({ directory: z.string(), path: bytes.optional() }),
  z.tuple([z.string()]),
  z.tuple([
    z.string(),
    z.enum(['file', 'directory', 'link', 'special']),
    z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
    z.string().nullable(),
    bytes.nullable(),
  ]),
]);
type Line = z.output<typeof Line>;

export interface ListingOptions {
  /** The state directory. */
  readonly directory: string;
  readonly roots: Roots;
  /** The directories that are watched; what was known of them is put in there. */
  readonly directories: Map<string, Directory>;
  readonly log: (message: string) => void;
  /** Files that are kept, at most. Default: `mostKept`. */
  readonly most?: number;
}

export class KeptListing {
  /** Files that may have changed without a trace in their times; undefined where nothing was kept of what is watched. */
  unsettled: ReadonlySet<string> | undefined;
  /** Why nothing is kept, where that is so. */
  problem: string | undefined;
  readonly #options: ListingOptions;
  readonly #watching: string;
  #log: StateLog | undefined;
  #context: Directory | undefined;
  #isKept = false;

  private constructor(options: ListingOptions) {
    this.#options = options;
    const { list, excluded } = options.roots;
    this.#watching = JSON.stringify({ list, excluded });
  }

  /** Reads what an instance before knew, where it watched the same paths. Throws what the file system throws. */
  static async open(options: ListingOptions): Promise<KeptListing> {
    const listing = new KeptListing(options);
    await listing.#load(join(options.directory, 'listing.jsonl'));
    return listing;
  }

  /** Begins to keep: `directories` is complete. */
  begin(): void {
    if (!this.#isKept) this.#log?.writeAnew();
    this.#isKept = true;
    this.#giveUpUnlessSmall();
  }

  /** Notes what is known now of an entry. */
  note(directory: Directory, name: string): void {
    if (!this.#isKept || this.problem !== undefined || this.#log === undefined) return;
    if (this.#context !== directory) this.#log.append(encodeDirectory(directory));
    this.#context = directory;
    this.#log.append(encodeEntry(name, directory.entries.get(name)));
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  async #load(path: string): Promise<void> {
    const { directories, roots, log } = this.#options;
    const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    let isKept = false;
    let isSame = false;
    let current: Directory | undefined;
    const take = (text: string) => {
      const line = parse(text);
      if (line === undefined) return;
      isKept = true;
      if ('listing' in line) isSame = line.watching === this.#watching;
      else if (!isSame) return;
      else if ('directory' in line) current = this.#directory(line.directory, line.path);
      else if (current !== undefined && line.length === 1) current.entries.delete(line[0]);
      else if (current !== undefined && line.length === 5) current.entries.set(line[0], signatureIn(line));
    };
    this.#log = await StateLog.open(
      { path, needed: () => this.#count + directories.size, lines: () => this.#lines(), log },
      take,
    );
    if (writtenMs === undefined || !isKept) return;
    if (!isSame) {
      log('other paths are watched than before: what changed until now is not told');
      return;
    }
    // A directory that held nothing is found by its parent.
    for (const [key, { entries }] of directories) {
      if (entries.size === 0 && !roots.parents.includes(key)) directories.delete(key);
    }
    this.#isKept = true;
    this.unsettled = this.#changedSince(writtenMs - tickMs);
  }

  #directory(key: string, path: Buffer | undefined): Directory {
    const { directories, roots } = this.#options;
    const known = directories.get(key) ?? new Directory(key, path ?? key, roots.coverageOf(key));
    directories.set(key, known);
    return known;
  }

  #changedSince(ms: number): Set<string> {
    const keys = new Set<string>();
    for (const directory of this.#options.directories.values()) {
      for (const [name, { kind, ctimeMs }] of directory.entries) {
        if (kind === 'file' && ctimeMs > ms) keys.add(keyOf(directory, name));
      }
    }
    return keys;
  }

  get #count(): number {
    let count = 0;
    for (const { entries } of this.#options.directories.values()) count += entries.size;
    return count;
  }

  /** Lines of everything that is known. They are taken one by one, and give each entry as it is then. */
  #lines(): Iterable<string> {
    this.#context = undefined;
    this.#giveUpUnlessSmall();
    return this.problem === undefined ? this.#encodeAll() : [];
  }

  *#encodeAll(): Generator<string> {
    yield JSON.stringify({ listing: 1, watching: this.#watching } satisfies Line);
    for (const directory of this.#options.directories.values()) {
      yield encodeDirectory(directory);
      for (const [name, signature] of directory.entries) yield encodeEntry(name, signature);
    }
  }

  #giveUpUnlessSmall(): void {
    const count = this.#count;
    const { most = mostKept } = this.#options;
    if (this.problem !== undefined || count <= most) return;
    this.problem = `what is known of ${count} files is not kept (${most} at most): what changes while the module does not run is not told`;
    this.#options.log(this.problem);
    // An old state would tell of changes that were told.
    this.#log?.writeAnew();
  }
}

function encodeDirectory({ key, path }: Directory): string {
  return JSON.stringify({
    directory: key,
    ...(typeof path === 'string' && path === key ? {} : { path: encode(path) }),
  });
}

function encodeEntry(name: string, signature: Signature | undefined): string {
  if (signature === undefined) return JSON.stringify([name]);
  const { kind, size, mode, uid, gid, mtimeMs, ctimeMs, ino, dev, content, rawName } = signature;
  const text = kind === 'file' && content !== undefined ? Buffer.from(content, 'latin1').toString('base64') : content;
  const numbers = [size, mode, uid, gid, mtimeMs, ctimeMs, ino, dev];
  return JSON.stringify([name, kind, numbers, text ?? null, rawName === undefined ? null : encode(rawName)]);
}

function signatureIn([, kind, numbers, text, raw]: Extract<Line, { length: 5 }>): Signature {
  const [size, mode, uid, gid, mtimeMs, ctimeMs, ino, dev] = numbers;
  const hash = kind === 'file' && text !== null ? Buffer.from(text, 'base64').toString('latin1') : text;
  const content = hash ?? undefined;
  return new Signature({ kind, size, mode, uid, gid, mtimeMs, ctimeMs, ino, dev, content, rawName: raw ?? undefined });
}

function encode(path: string | Buffer): string {
  return Buffer.from(path).toString('base64');
}

function parse(text: string): Line | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
