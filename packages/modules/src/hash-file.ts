/** The hash of a file's content, read piece by piece. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync } from 'node:fs';
import { openFile, pieceBytes, readPiece } from './file/content-reader.ts';
import type { RawPath } from './file/raw-path.ts';

export interface Hashing {
  /** Whether the path is known to be a link: it is followed then, and only then. */
  readonly isLink: boolean;
  /** Called after each piece with its bytes; what it gives is awaited, and what it throws ends the reading. */
  readonly onPiece: (bytes: number) => Promise<void> | undefined;
}

/**
 * Gives the hash of the file at `path` in hexadecimal. `algorithm` is a name of OpenSSL's. The file is opened as the file
 * module does it: it keeps its access time where the system allows that. Throws the error of open(2) or read(2), and an
 * Error where the path leads to something else than a regular file.
 */
export async function hashFile(path: RawPath, algorithm: string, { isLink, onPiece }: Hashing): Promise<string> {
  const room = Buffer.allocUnsafe(pieceBytes);
  const hash = createHash(algorithm);
  const fd = openFile(path, isLink);
  try {
    if (!fstatSync(fd).isFile()) throw new Error('it is no regular file');
    let at = 0;
    for (let count = readPiece(fd, room, at); count > 0; count = readPiece(fd, room, at)) {
      hash.update(room.subarray(0, count));
      at += count;
      const pause = onPiece(count);
      if (pause !== undefined) await pause;
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}
