/** The paths that are watched, and what of a directory they cover. */
import { basename, dirname, sep } from 'node:path';

export interface Root {
  readonly path: string;
  readonly recursive: boolean;
}

/** What of a directory is watched. */
export interface Coverage {
  /** All its entries. */
  readonly all: boolean;
  /** Those with these names, where not all. */
  readonly names: ReadonlySet<string>;
}

const prefix = 'recursive:';

export class Roots {
  readonly list: readonly Root[];
  readonly excluded: readonly string[];

  /** Reads paths of the configuration, `recursive:` before trees. */
  constructor(paths: readonly string[], excluded: readonly string[]) {
    const byPath = new Map<string, boolean>();
    for (const text of paths) {
      const recursive = text.startsWith(prefix);
      const path = trimmed(recursive ? text.slice(prefix.length) : text);
      byPath.set(path, recursive || (byPath.get(path) ?? false));
    }
    this.list = [...byPath]
      .map(([path, recursive]) => ({ path, recursive }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    this.excluded = excluded.map(trimmed);
  }

  /** The directories that hold roots: they are watched for the roots themselves. */
  get parents(): string[] {
    return [...new Set(this.list.map(({ path }) => dirname(path)))];
  }

  coverageOf(directory: string): Coverage {
    const all = this.list.some(({ path, recursive }) => path === directory || (recursive && isWithin(path, directory)));
    return {
      all,
      names: new Set(this.list.filter(({ path }) => isIn(path, directory)).map(({ path }) => basename(path))),
    };
  }

  isExcluded(path: string): boolean {
    return this.excluded.some((excluded) => excluded === path || isWithin(excluded, path));
  }
}

/** Whether `path` is below `tree`. */
export function isWithin(tree: string, path: string): boolean {
  return path.length > tree.length && path.startsWith(tree.endsWith(sep) ? tree : `${tree}${sep}`);
}

function isIn(path: string, directory: string): boolean {
  return path !== directory && dirname(path) === directory;
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/[\\/]+$/, '') || path : path;
}
