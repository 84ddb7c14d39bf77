/** What a directory holds, by name and type, as the system keeps it: no entry is looked at. */
import { type Dirent, readdirSync } from 'node:fs';
import type { RawPath } from './raw-path.ts';

/** What a directory says an entry is. */
export type EntryKind = 'file' | 'link' | 'directory' | 'special';

export type Entry = readonly [name: RawPath, kind: EntryKind];

/** The entries of the directory at `path`. Throws the error of opendir(3) or readdir(3). */
export function listDirectory(path: RawPath): Entry[] {
  const entries: Entry[] = [];
  for (const entry of readdirSync(path, withTypes)) {
    // Where a name is not UTF-8, it is read as bytes: from the text nobody could open it.
    if (entry.name.includes('\ufffd')) return listBytes(path);
    entries.push([entry.name, kindOf(entry)]);
  }
  return entries;
}

const withTypes = { withFileTypes: true } as const;

function listBytes(path: RawPath): Entry[] {
  const entries = readdirSync(path, { withFileTypes: true, encoding: 'buffer' }) as unknown as Dirent<Buffer>[];
  return entries.map((entry) => {
    const text = entry.name.toString();
    const isText = !text.includes('\ufffd') || Buffer.from(text).equals(entry.name);
    return [isText ? text : entry.name, kindOf(entry)];
  });
}

function kindOf(entry: Dirent | Dirent<Buffer>): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'special';
}
