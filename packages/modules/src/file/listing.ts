/** What a directory holds, by name and type, as the system keeps it: no entry is looked at. */
import { type Dirent, readdirSync, readlinkSync } from 'node:fs';
import type { RawPath } from './raw-path.ts';

/** What a directory says an entry is. */
export type EntryKind = 'file' | 'link' | 'directory' | 'special';

/** As Node lists it: a large directory is not copied. The name is bytes where it is not UTF-8. */
export type Entry = Dirent | Dirent<RawPath>;

/** An entry as plain data: threads send it. */
export interface PlainEntry {
  readonly name: RawPath;
  readonly kind: EntryKind;
  /** Links of the same directory that lead to it, and are what it is. */
  links: RawPath[] | undefined;
}

const withTypes = { withFileTypes: true } as const;

/** The entries of the directory at `path`. Throws the error of opendir(3) or readdir(3). */
export function listDirectory(path: RawPath): readonly Entry[] {
  const entries = readdirSync(path, withTypes);
  // Where a name is not UTF-8, it is read as bytes: from the text nobody could open it.
  for (const { name } of entries) if (name.includes('\ufffd')) return listBytes(path);
  return entries;
}

function listBytes(path: RawPath): readonly Entry[] {
  const entries = readdirSync(path, { withFileTypes: true, encoding: 'buffer' }) as unknown as Dirent<RawPath>[];
  for (const entry of entries) {
    const text = entry.name.toString();
    if (Buffer.from(text).equals(entry.name as Buffer)) entry.name = text;
  }
  return entries;
}

export function kindOf(entry: Pick<Entry, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'special';
}

/** Where a link leads to, as it is written there; empty where that is not UTF-8, or cannot be read. */
export function readLink(path: RawPath): string {
  try {
    const target = readlinkSync(path);
    return target.includes('\ufffd') ? '' : target;
  } catch {
    return '';
  }
}
