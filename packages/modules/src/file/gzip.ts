/** Files compressed with gzip, inflated as a stream: memory stays bounded whatever they inflate to. */
import { readSync } from 'node:fs';

/** Whether `count` bytes in `room`, the first ones of a file, begin as gzip does (RFC 1952, section 2.3.1). */
export function isGzip(room: Uint8Array, count: number): boolean {
  return count > 2 && room[0] === 0x1f && room[1] === 0x8b && room[2] === 8;
}

/** Compressed files up to this size are inflated in one call when what they hold is small as well. */
const smallBytes = 1_048_576;

/**
 * What `bytes`, a whole file, inflates to; undefined when that is too large for one call.
 * Throws where the archive is broken.
 */
export function inflateSmall(bytes: Uint8Array): Uint8Array | undefined {
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  try {
    return gunzipSync(bytes, { maxOutputLength: smallBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}

/** The inflated bytes of the file open as `fd`, which stays open. Throws at the byte where the archive is broken. */
export async function* inflate(fd: number): AsyncGenerator<Buffer> {
  const { createGunzip } = process.getBuiltinModule('node:zlib');
  const { Readable } = process.getBuiltinModule('node:stream');
  const gunzip = createGunzip({ chunkSize: 65_536 });
  const source = Readable.from(pieces(fd), { objectMode: false });
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** Read one by one, when they are wanted: no read is under way when the file is closed. */
function* pieces(fd: number): Generator<Buffer> {
  for (let position = 0; ; ) {
    const piece = Buffer.allocUnsafe(65_536);
    const count = readSync(fd, piece, 0, piece.length, position);
    if (count === 0) return;
    position += count;
    yield piece.subarray(0, count);
  }
}
