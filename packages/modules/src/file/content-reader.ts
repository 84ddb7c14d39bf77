/**
 * Reads files: each once, for all content filters and hashes at a time, in pieces into the memory of the scan.
 *
 * A path that turned into a link, a FIFO or a device since it was listed is not followed, and never blocks.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { Scan } from '@mig/regexp';
import type { RawPath } from './raw-path.ts';

/** What a reading is for. */
export interface Reading {
  readonly scan: Scan | undefined;
  readonly algorithms: readonly string[];
  /** A read may give less than there is, as in /proc: only a read of nothing is the end. */
  readonly hasShortReads: boolean;
}

type Breathe = () => Promise<void> | undefined;

/** Hashes by algorithm, in hexadecimal. What the scan found is in the scan. */
export type Hashes = Readonly<Record<string, string>>;

const spare = Buffer.allocUnsafeSlow(131_072);

/**
 * Opens a file for reading. A symbolic link is followed only where `isLink` says that it was one when it was listed.
 * Throws the error of open(2).
 */
export function openFile(path: RawPath, isLink: boolean): number {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0, O_NOCTTY = 0 } = constants;
  return openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (isLink ? 0 : O_NOFOLLOW));
}

/**
 * Reads the file open as `fd` for `reading`: at once when one short read tells all, else with a pause now and then.
 * Throws (or rejects) when the file is not what it was listed as, or changed while it was read: then what was found is
 * not to be trusted.
 */
export function readContent(fd: number, reading: Reading, breathe: Breathe): Hashes | Promise<Hashes> {
  const { scan, algorithms, hasShortReads } = reading;
  scan?.reset();
  const room = scan?.room() ?? spare;
  const count = readSync(fd, room, 0, room.length, null);
  if (count === 0 || count === room.length || hasShortReads) return readOn(fd, reading, count, breathe);
  const hashes = algorithms.map((algorithm) => createHash(algorithm).update(room.subarray(0, count)));
  if (scan !== undefined && !scan.advance(count)) scan.end();
  return digests(algorithms, hashes);
}

/** Goes on after a first read that does not tell whether it was all; `count` bytes of it are in the room. */
async function readOn(fd: number, reading: Reading, count: number, breathe: Breathe): Promise<Hashes> {
  const { scan, algorithms, hasShortReads } = reading;
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  const before = requireRegular(fd);
  let room = scan?.room() ?? spare;
  let total = 0;
  let isDecided = scan === undefined;
  while (count > 0) {
    total += count;
    for (const hash of hashes) hash.update(room.subarray(0, count));
    if (!isDecided) isDecided = scan!.advance(count);
    if (isDecided && hashes.length === 0) return {};
    if (count < room.length && !hasShortReads) break;
    const pause = breathe();
    if (pause !== undefined) await pause;
    room = isDecided ? spare : scan!.room();
    count = readSync(fd, room, 0, room.length, null);
  }
  if (!isDecided) scan!.end();
  if (!hasShortReads) requireUnchanged(before, fstatSync(fd), total);
  return digests(algorithms, hashes);
}

/** Reads `pieces` (an inflated stream, say) instead of a file. */
export async function readPieces(
  pieces: AsyncIterable<Buffer>,
  { scan, algorithms }: Omit<Reading, 'hasShortReads'>,
): Promise<Hashes> {
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  scan?.reset();
  let isDecided = scan === undefined;
  for await (const piece of pieces) {
    for (const hash of hashes) hash.update(piece);
    for (let at = 0; at < piece.length && !isDecided; ) {
      const room = scan!.room();
      const count = piece.copy(room, 0, at, at + room.length);
      at += count;
      isDecided = scan!.advance(count);
    }
    if (isDecided && hashes.length === 0) break;
  }
  if (!isDecided) scan!.end();
  return digests(algorithms, hashes);
}

function digests(algorithms: readonly string[], hashes: readonly Hash[]): Hashes {
  return Object.fromEntries(algorithms.map((algorithm, i) => [algorithm, hashes[i]!.digest('hex')]));
}

function requireRegular(fd: number): Stats {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw new Error('it is no regular file any more, and was not read');
  return stats;
}

function requireUnchanged(before: Stats, after: Stats, total: number): void {
  if (total < after.size || before.size !== after.size || before.mtimeMs !== after.mtimeMs) {
    throw new Error('it changed while it was read, and was not judged');
  }
}
