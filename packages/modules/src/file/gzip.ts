/** Files compressed with gzip, inflated as a stream: memory stays bounded whatever they inflate to. */
import { readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Whether the file open as `fd` begins as gzip does (RFC 1952, section 2.3.1). The position does not move. */
export function isGzip(fd: number): boolean {
  const magic = Buffer.alloc(2);
  return readSync(fd, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
}

/** The inflated bytes of the file open as `fd`, which stays open. Throws at the byte where the archive is broken. */
export async function* inflate(fd: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 65_536 });
  const source = Readable.from(pieces(fd), { objectMode: false });
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function* pieces(fd: number): Generator<Buffer> {
  for (let position = 0; ; ) {
    const piece = Buffer.allocUnsafe(65_536);
    const count = readSync(fd, piece, 0, piece.length, position);
    if (count === 0) return;
    position += count;
    yield piece.subarray(0, count);
  }
}
