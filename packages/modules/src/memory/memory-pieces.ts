/**
 * Reads the memory of a process piece by piece through /proc/PID/mem (proc(5)): the kernel copies pages while the
 * process runs on. Never stops the process; never writes.
 */
import { readSync } from 'node:fs';
import type { Run } from './touched-runs.ts';

/** Longest stretch of zeros that is handed on for pages that were never touched. */
const zeroBytes = 65_536;

/** Bytes of a process, in `buffer` from `from` to `to`. */
export interface Piece {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
  readonly address: number;
  /** They follow the bytes of the piece before: those stand before `from`, as many as the reader keeps. */
  readonly isContinued: boolean;
  /** They were not read: the kernel says that they are zero. */
  readonly isZero: boolean;
}

/** A stretch that could not be read. */
export type ReportUnreadable = (start: number, byteCount: number, code: string) => void;

export interface PieceOptions {
  /** Bytes of the piece before that are kept in front of a piece that continues it. */
  readonly lookBack: number;
  readonly pageBytes: number;
  /** Most bytes read at a time. Default 256 KiB: about what the processor's second cache holds. */
  readonly pieceBytes?: number;
  readonly onUnreadable: ReportUnreadable;
}

/**
 * Yields what `runs` hold of the process whose /proc/PID/mem is open as `memory`; one buffer serves all pieces. Ends
 * early when the process has ended. Throws what the system throws, unreadable pages apart.
 */
export function* readPieces(memory: number, runs: Iterable<Run>, options: PieceOptions): Generator<Piece> {
  const { lookBack, pageBytes, pieceBytes = 262_144 } = options;
  const buffer = Buffer.allocUnsafeSlow(lookBack + Math.max(pieceBytes, zeroBytes));
  let endOfLast = -1;
  const keepEnd = (byteCount: number) => buffer.copyWithin(0, byteCount, byteCount + lookBack);
  for (const run of runs) {
    if (run.isZero) {
      const to = lookBack + Math.min(zeroBytes, run.end - run.start);
      buffer.fill(0, lookBack, to);
      yield { buffer, from: lookBack, to, address: run.start, isContinued: endOfLast === run.start, isZero: true };
      keepEnd(to - lookBack);
      endOfLast = run.end;
      continue;
    }
    const stumbles = new Stumbles(options);
    for (let at = run.start; at < run.end; ) {
      const count = readSome(memory, buffer, lookBack, Math.min(pieceBytes, run.end - at), at);
      if (count === 0) return;
      if (typeof count === 'string') {
        at += stumbles.skip(at, run.end, count);
        continue;
      }
      stumbles.report();
      const to = lookBack + count;
      yield { buffer, from: lookBack, to, address: at, isContinued: endOfLast === at, isZero: false };
      keepEnd(count);
      at += count;
      endOfLast = at;
      // A short read ends at a page that cannot be read; the next one says why.
      if (at % pageBytes !== 0 && at < run.end) at += pageBytes - (at % pageBytes);
    }
    stumbles.report();
  }
}

/** Bytes read; 0 when the process has ended; the error's code when the page at `position` cannot be read. */
function readSome(memory: number, into: Buffer, offset: number, length: number, position: number): number | string {
  try {
    return readSync(memory, into, offset, length, position);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EIO' || code === 'EFAULT') return code;
    throw error;
  }
}

/** Pages in a row that cannot be read. The steps grow, so that a gigabyte of them does not take a call for each. */
class Stumbles {
  #start = 0;
  #byteCount = 0;
  #calls = 0;
  #code = '';
  readonly #options: PieceOptions;

  constructor(options: PieceOptions) {
    this.#options = options;
  }

  /** Notes that the page at `at` cannot be read; gives how far to go on. */
  skip(at: number, end: number, code: string): number {
    if (this.#byteCount === 0) this.#start = at;
    this.#code = code;
    this.#calls++;
    const step = Math.min(this.#options.pageBytes * Math.max(1, this.#calls - 256), end - at);
    this.#byteCount += step;
    return step;
  }

  /** Reports the pages noted since the last report, if any. */
  report(): void {
    if (this.#byteCount > 0) this.#options.onUnreadable(this.#start, this.#byteCount, this.#code);
    this.#byteCount = 0;
    this.#calls = 0;
  }
}
