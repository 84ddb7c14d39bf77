/** The first line that comes through a socket. */
import type { Socket } from 'node:net';
import { longestMessageBytes } from '../contract/messages.ts';

/**
 * Gives the first line without its end; undefined when the connection ends before. What follows is read and passed
 * over, so that the end of the connection is noticed. Rejects when the line is longer than a message may be.
 */
export function firstLine(socket: Socket): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      const end = chunk.indexOf(10);
      size += chunk.length;
      if (end >= 0) resolve(Buffer.concat([...parts, chunk.subarray(0, end)]).toString());
      else if (size <= longestMessageBytes) parts.push(chunk);
      else reject(new Error(`expected a message of at most ${longestMessageBytes} bytes on one line, got more`));
    });
    socket.on('close', () => resolve(undefined));
    socket.on('error', () => resolve(undefined));
  });
}
