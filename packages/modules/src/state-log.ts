/**
 * What a module that stays knows, in one file of its state directory: a log of lines, each what has changed. It is
 * appended to in batches, and written anew when most of it is about what is not so any more.
 *
 * A line that was forced to disk survives whatever ends the process or the machine, the others what ends the process. A
 * file that was cut short anywhere says what was so earlier: a last line without its end is none.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StateLogOptions {
  readonly path: string;
  /** How many lines would do to say what is so now. */
  readonly needed: () => number;
  /** Those lines. What changes from this call on is appended afterwards. */
  readonly lines: () => Iterable<string>;
  /** Told when writing fails, and when it works again. */
  readonly log: (message: string) => void;
}

/** Lines that a file may hold beyond twice those that would do. */
const mostUseless = 1_000;
/** Characters that are written at once when the file is written anew. */
const pieceLength = 262_144;
/** After which writing is tried again, when it failed. */
const pauseMs = 2_000;

export class StateLog {
  readonly #options: StateLogOptions;
  #file: FileHandle | undefined;
  /** Lines in the file; infinitely many when it is not known what it holds. */
  #count = 0;
  #pending: string[] = [];
  #isForced = false;
  #writing: Promise<void> | undefined;
  #isClosing = false;
  #isTroubled = false;

  private constructor(options: StateLogOptions) {
    this.#options = options;
  }

  /** Opens the log, and hands the lines that are there to `take`. Throws what the file system throws. */
  static async open(options: StateLogOptions, take: (line: string) => void): Promise<StateLog> {
    const log = new StateLog(options);
    const rest = await readLines(options.path, (line) => {
      take(line);
      log.#count++;
    });
    // It must not become the beginning of another line.
    if (rest) log.#count = Number.POSITIVE_INFINITY;
    if (log.#isToBeWrittenAnew) log.writeAnew();
    return log;
  }

  /** Adds a line, given without its end; with `isForced` it will be forced to disk. */
  append(line: string, isForced = false): void {
    this.#pending.push(line);
    this.#isForced ||= isForced;
    this.#schedule();
  }

  /** The same, in the place of the line before where that begins with `beginning` and is not written yet. */
  appendOver(beginning: string, line: string, isForced = false): void {
    if (this.#pending.at(-1)?.startsWith(beginning)) this.#pending.pop();
    this.append(line, isForced);
  }

  /** Has the file written anew, whatever is in it. */
  writeAnew(): void {
    this.#count = Number.POSITIVE_INFINITY;
    this.#schedule();
  }

  /** Resolves once everything is in the file, or could not be brought there, and lets go of it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#writing !== undefined) await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Closes it, and removes the file. */
  async remove(): Promise<void> {
    this.#pending = [];
    this.#count = 0;
    await this.close();
    await rm(this.#options.path, { force: true });
  }

  #schedule(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes until nothing is left to be written: what comes meanwhile goes together in the next turn. */
  async #write(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0 || this.#isToBeWrittenAnew) {
      try {
        if (this.#isToBeWrittenAnew) await this.#replace();
        else await this.#writePending();
        if (this.#isTroubled) this.#options.log('its state is on disk again');
        this.#isTroubled = false;
      } catch (error) {
        const { message } = error as Error;
        if (!this.#isTroubled) this.#options.log(`its state cannot be written, it is in memory alone: ${message}`);
        this.#isTroubled = true;
        this.#count = Number.POSITIVE_INFINITY;
        if (this.#isClosing) return;
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
  }

  get #isToBeWrittenAnew(): boolean {
    return this.#count > 2 * this.#options.needed() + mostUseless;
  }

  async #writePending(): Promise<void> {
    const lines = this.#pending.splice(0);
    const isForced = this.#isForced;
    this.#isForced = false;
    if (this.#file === undefined) {
      this.#file = await open(this.#options.path, 'a', 0o600);
      await syncDirectory(dirname(this.#options.path));
    }
    await this.#file.appendFile(lines.map((line) => `${line}\n`).join(''));
    this.#count += lines.length;
    if (isForced) await this.#file.datasync();
  }

  /** Writes beside the file what is so now, and puts it in its place. */
  async #replace(): Promise<void> {
    // Both at once: what changes from now on is appended.
    this.#pending = [];
    const lines = this.#options.lines();
    this.#isForced = false;
    const { path } = this.#options;
    const beside = `${path}.new`;
    const file = await open(beside, 'w', 0o600);
    let count = 0;
    try {
      let piece = '';
      for (const line of lines) {
        piece += `${line}\n`;
        count++;
        if (piece.length < pieceLength) continue;
        await file.appendFile(piece);
        piece = '';
      }
      await file.appendFile(piece);
      await file.datasync();
      await rename(beside, path);
    } catch (error) {
      await file.close();
      throw error;
    }
    await this.#file?.close();
    this.#file = file;
    this.#count = count;
    await syncDirectory(dirname(path));
  }
}

/** Gives each line of a file to `take`, and whether there is something after the last line end. No file is no lines. */
async function readLines(path: string, take: (line: string) => void): Promise<boolean> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        take(bytes.subarray(start, end).toString());
        start = end + 1;
      }
      rest = Buffer.from(bytes.subarray(start));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return rest.length > 0;
}

/** A new name is durable once its directory is (fsync(2)). */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}
