/** A file as a destination: one JSON object a line, on disk before it counts as sent, rotated by size. */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { type Destination, encodeAlert } from './destination.ts';
import type { FileDestination } from './dispatch.ts';

const { O_APPEND, O_CREAT, O_WRONLY } = constants;
// A link in the place of the file could lead anywhere; Windows has no such flag.
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;

export function fileDestination({ path, size, count }: FileDestination): Destination {
  let file: FileHandle | undefined;

  async function close(): Promise<void> {
    const closing = file;
    file = undefined;
    await closing?.close();
  }

  /** The file at the path, also when somebody has moved the one that was open. */
  async function current(): Promise<FileHandle> {
    if (file !== undefined) {
      const [opened, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
      if (named?.ino === opened.ino && named.dev === opened.dev) return file;
      await close();
    }
    file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
    return file;
  }

  async function rotate(): Promise<void> {
    await close();
    if (count === 0) await rm(path);
    for (let at = count; at > 0; at--) {
      const from = at === 1 ? path : `${path}.${at - 1}`;
      await rename(from, `${path}.${at}`).catch(ignoreMissing);
    }
  }

  /** Appends whole lines; what was written in part is taken back, so that trying again repeats nothing. */
  async function append(bytes: Buffer): Promise<void> {
    const opened = await current();
    const { size: before } = await opened.stat();
    try {
      await opened.appendFile(bytes);
      await opened.datasync();
    } catch (error) {
      await opened.truncate(before).catch(() => {});
      throw error;
    }
  }

  return {
    name: path,
    kind: 'file',
    batch: 256,
    async deliver(alerts) {
      const lines = alerts.map((alert) => Buffer.from(`${encodeAlert(alert)}\n`));
      await rotateAndAppend(lines);
    },
    close,
  };

  async function rotateAndAppend(lines: readonly Buffer[]): Promise<void> {
    let room = size - (await (await current()).stat()).size;
    let piece: Buffer[] = [];
    for (const line of lines) {
      if (line.length > room && (room < size || piece.length > 0)) {
        if (piece.length > 0) await append(Buffer.concat(piece));
        await rotate();
        piece = [];
        room = size;
      }
      piece.push(line);
      room -= line.length;
    }
    if (piece.length > 0) await append(Buffer.concat(piece));
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
