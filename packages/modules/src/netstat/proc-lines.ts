/** Reads the kernel's tables line by line, in memory that does not grow with them. */
import { closeSync, openSync, readSync } from 'node:fs';

/** A table may be long: that of routes has a million lines on some routers. */
const pieceBytes = 65_536;

/** Yields the lines of the file at `path`, without line ends. Throws the error of open(2) or read(2). */
export function* linesOf(path: string): Generator<string> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  const fd = openSync(path, 'r');
  try {
    let rest = '';
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer)) {
      const lines = (rest + buffer.toString('latin1', 0, count)).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(fd);
  }
}
