/**
 * Standard input as lines, without the cost of a stream until one is needed: the first line is read in one blocking
 * call, and most runs are over before they would read a second one. Saves some 4 ms of every start.
 */
import { readSync } from 'node:fs';
import { longestMessageBytes } from '../contract/messages.ts';

/** How long a run may take before its standard input is watched for a stop message. */
const patienceMs = 10;

/**
 * Gives the bytes of standard input; the first line was read when it returns. It waits for that line: an agent sends it
 * with the start of the process, a person types it. The rest is read once somebody has waited 10 ms for it.
 */
export function standardInput(): AsyncIterable<Buffer> {
  return remaining(readFirstLine());
}

async function* remaining(head: Buffer): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  await new Promise((resolve) => setTimeout(resolve, patienceMs));
  yield* process.stdin as AsyncIterable<Buffer>;
}

/** Reads up to and with the first line end, or all there is. Gives what was read, be it nothing. */
function readFirstLine(): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  while (size <= longestMessageBytes) {
    const part = Buffer.allocUnsafe(65536);
    const count = readSome(part);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    size += count;
    if (part.subarray(0, count).includes(10)) break;
  }
  return Buffer.concat(parts);
}

/** Bytes read into `part`; 0 at the end of input, and where standard input does not block (the stream then waits). */
function readSome(part: Buffer): number {
  try {
    return readSync(0, part);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EOF') return 0;
    throw error;
  }
}
