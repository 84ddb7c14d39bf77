/** Bounds what the other end of a stream can make this one keep in memory. */
import type { Duplex } from 'node:stream';
import { messageKinds } from '@mig/action';
import { PacketGauge } from './packet-gauge.ts';

/** Largest PUBLISH: the largest message of any kind, and its topic. */
export const longestPublish = Math.max(...Object.values(messageKinds).map(({ longestBytes }) => longestBytes)) + 4096;

/** Ends `stream` with an error when a packet comes in that is larger than any that there may be. */
export function limitPackets(stream: Duplex): void {
  const gauge = new PacketGauge(longestPublish);
  const { push } = stream;
  // Where bytes enter: before the stream's buffer, and before anybody puts a packet together.
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    const problem = chunk instanceof Uint8Array ? gauge.look(chunk) : undefined;
    if (problem === undefined) return push.call(stream, chunk, encoding);
    stream.destroy(new Error(problem));
    return false;
  };
}

/**
 * Ends `stream` when more than `mostBytes` wait to be sent on it. Until then its writers are never told to wait: whoever
 * does not read delays nobody else.
 */
export function limitUnsent(stream: Duplex, mostBytes: number): void {
  const { write } = stream as { readonly write: (...rest: unknown[]) => boolean };
  stream.write = (...rest: unknown[]) => {
    write.apply(stream, rest);
    const waiting = stream.writableLength;
    if (waiting > mostBytes)
      stream.destroy(new Error(`it does not read: ${waiting} bytes wait, at most ${mostBytes} may`));
    return true;
  };
}
