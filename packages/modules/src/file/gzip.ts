/** Files compressed with gzip, inflated as a stream: memory stays bounded whatever they inflate to. */
import { createReadStream, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** Whether the file open as `fd` begins as gzip does (RFC 1952, section 2.3.1). The position does not move. */
export function isGzip(fd: number): boolean {
  const magic = Buffer.alloc(2);
  return readSync(fd, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
}

/** The inflated bytes of the file open as `fd`, which stays open. Throws at the byte where the archive is broken. */
export async function* inflate(fd: number): AsyncGenerator<Buffer> {
  const source = createReadStream('', { fd, autoClose: false, start: 0, highWaterMark: 65_536 });
  const gunzip = createGunzip({ chunkSize: 65_536 });
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
