/** An entry of a directory, and what stat says of it when it is asked. */
import { lstatSync, type Stats, statSync } from 'node:fs';
import type { EntryKind } from './listing.ts';
import { joinPath, type RawPath } from './raw-path.ts';
import type { Metadata } from './search-plan.ts';

export class Subject {
  readonly kind: EntryKind;
  readonly directory: RawPath;
  readonly #name: RawPath;
  #path: RawPath | undefined;
  #metadata: Metadata | undefined;
  /** The regular file behind a link; null when this is no link, or leads to nothing or to something else. */
  #target: Stats | null | undefined;

  constructor(directory: RawPath, name: RawPath, kind: EntryKind) {
    this.directory = directory;
    this.#name = name;
    this.kind = kind;
  }

  get path(): RawPath {
    this.#path ??= joinPath(this.directory, this.#name);
    return this.#path;
  }

  /** A regular file, or a link to one: what may be opened. Throws the error of stat(2), but for a link to nothing. */
  get isReadable(): boolean {
    if (this.kind !== 'link') return this.kind === 'file';
    if (this.#target === undefined) this.#target = statFile(this.path);
    return this.#target !== null;
  }

  /** Known to be a link to a regular file. */
  get isFileBehindLink(): boolean {
    return this.#target !== undefined && this.#target !== null;
  }

  /**
   * Size and time are those of the file behind a link; the mode is the link's own, for which it is asked only when it is
   * wanted. Throws the error of lstat(2), also from that mode.
   */
  get metadata(): Metadata {
    this.#metadata ??=
      this.isReadable && this.#target ? new LinkMetadata(this.path, this.#target) : lstatSync(this.path);
    return this.#metadata;
  }
}

class LinkMetadata implements Metadata {
  readonly size: number;
  readonly mtimeMs: number;
  readonly #path: RawPath;
  #mode: number | undefined;

  constructor(path: RawPath, { size, mtimeMs }: Stats) {
    this.#path = path;
    this.size = size;
    this.mtimeMs = mtimeMs;
  }

  get mode(): number {
    this.#mode ??= lstatSync(this.#path).mode;
    return this.#mode;
  }
}

function statFile(path: RawPath): Stats | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? stats : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP' || code === 'ENOTDIR') return null; // A link that leads nowhere, as one to nothing.
    throw error;
  }
}
