/** The hash of a file's content, read piece by piece. */
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';

const pieceBytes = 131_072;

/**
 * Gives the hash of the file at `path` in hexadecimal. `algorithm` is a name of OpenSSL's; `breathe` is called between
 * pieces. Throws the error of open(2) or read(2).
 */
export async function hashFile(
  path: string | Buffer,
  algorithm: string,
  breathe: () => Promise<void> | undefined,
): Promise<string> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  const hash = createHash(algorithm);
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer)) {
      hash.update(buffer.subarray(0, count));
      const pause = breathe();
      if (pause !== undefined) await pause;
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}
