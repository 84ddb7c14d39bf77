/** Lines of a byte stream, with a bound on their length. */
import type { Readable } from 'node:stream';
import { longestMessageBytes } from '../contract/messages.ts';

/**
 * Yields the lines of `input` without their line ends, the last one also when the stream ends without one.
 * Throws an Error when a line grows over the bound of a message.
 */
export async function* linesOf(input: Readable): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
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
    if (size > longestMessageBytes) {
      throw new Error(`expected a message of at most ${longestMessageBytes} bytes on one line, got more`);
    }
  }
  if (size > 0) yield Buffer.concat(parts).toString();
}
