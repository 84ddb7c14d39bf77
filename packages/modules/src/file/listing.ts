/** What a directory holds, by name and type, as the system keeps it: no entry is looked at. */
import { type Dirent, readdirSync } from 'node:fs';
import type { RawPath } from './raw-path.ts';

/** What a directory says an entry is. */
export type EntryKind = 'file' | 'link' | 'directory' | 'special';

/** As Node lists it: a large directory is not copied. The name is bytes where it is not UTF-8. */
export type Entry = Dirent | Dirent<RawPath>;

/** An entry as plain data: threads send it. */
export type PlainEntry = readonly [name: RawPath, kind: EntryKind];

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
