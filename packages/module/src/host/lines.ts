/** Lines of a byte stream, with a bound on their length. */
import { longestMessageBytes } from '../contract/messages.ts';

/** A stream of bytes: a Readable is one. */
export type Bytes = AsyncIterable<Uint8Array | string>;

/**
 * Yields the lines of `input` without their line ends, the last one also when the stream ends without one.
 * Throws an Error when a line grows over `longest` bytes: the bound of a message.
 */
export async function* linesOf(input: Bytes, longest: number = longestMessageBytes): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes =
      typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      parts.push(bytes.subarray(start, end));
      yield Buffer.concat(parts).toString();
      parts = [];
      size = 0;
      start = end + 1;
    }
    parts.push(bytes.subarray(start));
    size += bytes.length - start;
    if (size > longest) {
      throw new Error(`expected a message of at most ${longest} bytes on one line, got more`);
    }
  }
  if (size > 0) yield Buffer.concat(parts).toString();
}
