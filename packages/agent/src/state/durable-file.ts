/** Files that are there whole or not at all, and that a power cut does not take back. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a directory that its owner alone may look into, and those above it. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/**
 * Writes `content` to `path` at once: beside it first, made durable, then renamed over it (rename(2) is atomic).
 * Readable by its owner alone unless `mode` says otherwise. Throws what the file system throws, and leaves the old file.
 */
export function writeDurably(path: string, content: Uint8Array | string, mode = 0o600): void {
  const beside = `${path}.new`;
  try {
    const file = openSync(beside, 'w', mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Makes the names in a directory durable: a new file's name is not, by the fsync of the file alone (fsync(2)). */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
