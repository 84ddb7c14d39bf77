/**
 * Reads files: each once, for all content filters and hashes at a time, in pieces into the memory of the scan.
 *
 * A path that turned into a link, a FIFO or a device since it was listed is not followed, and never blocks.
 */
import type { Hash } from 'node:crypto';
import { constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { Scan } from '@mig/regexp';
import type { RawPath } from './raw-path.ts';

/** What a reading is for. */
export interface Reading {
  readonly scan: Scan | undefined;
  /** OpenSSL's names of the hashes to make. */
  readonly algorithms: readonly string[];
}

/** Hashes by algorithm, in hexadecimal. What the scan found is in the scan. */
export type Hashes = Readonly<Record<string, string>>;

/** Bytes that one read takes when no scan gives room for them. */
export const pieceBytes = 131_072;
const spare = new Uint8Array(pieceBytes);

/** Most bytes that are read of a file that the kernel makes up: /proc/kcore has no end. */
const mostMadeUpBytes = 64 * 1024 * 1024;

/** Loaded at the first hash: it takes 3 ms, a good part of what a walk takes. */
const crypto = () => process.getBuiltinModule('node:crypto');

/**
 * Opens a file for reading. A symbolic link is followed only where `isLink` says that it was one when it was listed. Where
 * the system allows it, the file keeps its access time (O_NOATIME in open(2)): who asks leaves no trace in the evidence.
 * Throws the error of open(2).
 */
export function openFile(path: RawPath, isLink: boolean): number {
  keepsTimes ??= process.geteuid?.() === 0 ? (constants.O_NOATIME ?? 0) : 0;
  const flags = isLink ? forReading | keepsTimes : forReading | keepsTimes | noFollow;
  try {
    return openSync(path, flags);
  } catch (error) {
    if (keepsTimes === 0 || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    return openSync(path, flags & ~keepsTimes); // The file is of a user that root cannot act for, as in a container or over NFS.
  }
}

/** Only root may ask for it of everybody's files. Not known before the first file: a snapshot may be made by another user. */
let keepsTimes: number | undefined;

// Windows has none of these.
const forReading = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const noFollow = constants.O_NOFOLLOW ?? 0;

/**
 * Reads into `room` at a position of the file: a FIFO, a socket or a terminal has none, and nothing is taken from it.
 * Gives the bytes read; 0 at the end of the file.
 */
export function readPiece(fd: number, room: Uint8Array, position: number): number {
  return readSync(fd, room, 0, room.length, position);
}

/** Begins a reading: gives the room for its first piece. */
export function beginReading({ scan }: Reading): Uint8Array {
  if (scan === undefined) return spare;
  scan.reset();
  return scan.room();
}

/** The hashes of an input that is `bytes` and no more. */
export function hashAll({ algorithms }: Reading, bytes: Uint8Array): Hashes {
  return algorithms.length === 0
    ? none
    : Object.fromEntries(algorithms.map((algorithm) => [algorithm, hashOnce(algorithm, bytes)]));
}

const none: Hashes = {};

/** In one call where Node has it (20.12 and later): a third of the time that a Hash takes for a small file. */
function hashOnce(algorithm: string, bytes: Uint8Array): string {
  const { hash, createHash } = crypto();
  return hash === undefined ? createHash(algorithm).update(bytes).digest('hex') : hash(algorithm, bytes, 'hex');
}

/**
 * Goes on with the file open as `fd` after its first piece, `count` bytes in `room`, with a pause now and then: gives a
 * promise only where it took one. Throws, or rejects, when the file is not what it was listed as, or changed while it was
 * read: then what was found is not to be trusted. `isMadeUp`: a read may give less than there is, as in /proc, and only a
 * read of nothing is the end.
 */
export function readOn(
  fd: number,
  reading: Reading,
  room: Uint8Array,
  count: number,
  { isMadeUp, breathe }: { readonly isMadeUp: boolean; readonly breathe: () => Promise<void> | undefined },
): Hashes | Promise<Hashes> {
  const before = requireRegular(fd);
  const pieces = new Pieces(reading);
  let total = count;
  let isEnough = pieces.take(room, count);
  const goOn = (): Hashes | Promise<Hashes> => {
    while (!isEnough && (isMadeUp ? count > 0 : count === room.length)) {
      if (isMadeUp && total > mostMadeUpBytes) throw new Error(`it goes on after ${total} bytes, and was not judged`);
      const pause = breathe();
      if (pause !== undefined) return pause.then(goOn);
      room = pieces.room();
      count = readPiece(fd, room, total);
      total += count;
      isEnough = pieces.take(room, count);
    }
    if (isEnough) return none;
    if (!isMadeUp) requireUnchanged(before, fstatSync(fd), total);
    return pieces.end();
  };
  return goOn();
}

/** Reads `pieces` (an inflated stream, say) instead of a file. */
export async function readPieces(pieces: AsyncIterable<Uint8Array>, reading: Reading): Promise<Hashes> {
  beginReading(reading);
  const taken = new Pieces(reading);
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const room = taken.room();
      const part = piece.subarray(at, at + room.length);
      room.set(part);
      at += part.length;
      if (taken.take(room, part.length)) return none;
    }
  }
  return taken.end();
}

/** The pieces of one input, given to the scan and to the hashes. */
class Pieces {
  readonly #reading: Reading;
  readonly #hashes: readonly Hash[];
  #isDecided: boolean;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#hashes = reading.algorithms.map((algorithm) => crypto().createHash(algorithm));
    this.#isDecided = reading.scan === undefined;
  }

  room(): Uint8Array {
    return this.#isDecided ? spare : this.#reading.scan!.room();
  }

  /** Takes `count` bytes of `room`. True when nothing more is to be learnt. */
  take(room: Uint8Array, count: number): boolean {
    if (!this.#isDecided) this.#isDecided = this.#reading.scan!.advance(count);
    if (this.#hashes.length === 0) return this.#isDecided;
    for (const hash of this.#hashes) hash.update(room.subarray(0, count));
    return false;
  }

  end(): Hashes {
    if (!this.#isDecided) this.#reading.scan!.end();
    const { algorithms } = this.#reading;
    return Object.fromEntries(algorithms.map((algorithm, i) => [algorithm, this.#hashes[i]!.digest('hex')]));
  }
}

function requireRegular(fd: number): Stats {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw new Error('it is no regular file any more, and was not read');
  return stats;
}

function requireUnchanged(before: Stats, after: Stats, total: number): void {
  if (total !== after.size || before.size !== after.size || before.mtimeMs !== after.mtimeMs) {
    throw new Error('it changed while it was read, and was not judged');
  }
}
