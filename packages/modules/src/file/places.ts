/** Places in the tree that a walk treats apart: roots, which are walked by themselves, and mounts. */
import { basename, dirname } from 'node:path';
import { isMadeUp } from './mounts.ts';
import type { RawPath } from './raw-path.ts';

export interface Place {
  readonly isRoot: boolean;
  /** The type of the file system that is mounted there, when it is one that is skipped. */
  readonly mount: string | undefined;
}

/** Plain data: threads send it. */
export interface PlaceList {
  readonly roots: ReadonlySet<string>;
  readonly mounts: ReadonlyMap<string, string>;
}

export class Places {
  /** By directory, then by name: most directories hold none, and are asked only once. */
  readonly #byDirectory = new Map<string, Map<string, Place>>();
  readonly #madeUp: readonly string[];
  #asked: { readonly directory: RawPath; readonly isMadeUp: boolean | undefined } | undefined;

  constructor({ roots, mounts }: PlaceList) {
    for (const path of new Set([...roots, ...mounts.keys()])) {
      const names = this.#byDirectory.get(dirname(path)) ?? new Map<string, Place>();
      this.#byDirectory.set(dirname(path), names);
      names.set(basename(path), { isRoot: roots.has(path), mount: mounts.get(path) });
    }
    const madeUp = [...mounts].filter(([, type]) => isMadeUp(type)).map(([path]) => path);
    this.#madeUp = madeUp.filter((path) => !madeUp.some((other) => path.startsWith(`${other}/`)));
  }

  /** The places in a directory, by name; undefined where there are none. */
  in(directory: RawPath): ReadonlyMap<string, Place> | undefined {
    return typeof directory === 'string' ? this.#byDirectory.get(directory) : undefined;
  }

  /**
   * Whether a file lies in a file system whose files the kernel makes up while they are read, as in /proc. Where its
   * directory has places, it may be one itself: such a file may be mounted by itself.
   */
  isMadeUp(file: { readonly directory: RawPath; readonly path: RawPath }): boolean {
    const { directory } = file;
    if (this.#asked?.directory !== directory) {
      const hasPlaces = this.in(directory) !== undefined;
      this.#asked = { directory, isMadeUp: hasPlaces ? undefined : this.#isInMadeUp(directory) };
    }
    return this.#asked.isMadeUp ?? this.#isInMadeUp(file.path);
  }

  #isInMadeUp(path: RawPath): boolean {
    const text = path.toString();
    return this.#madeUp.some((mount) => text.startsWith(mount) && (text[mount.length] ?? '/') === '/');
  }
}
