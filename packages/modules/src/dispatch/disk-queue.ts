/**
 * The queue of one destination: in memory to be read, on disk to outlive the process. The file is a log of JSON lines, each
 * what was done to the queue: `{"alert":…}` came in at its end, `{"done":3}` were taken from its front, `{"dropped":2}`
 * were dropped that nobody was told of yet. It is appended to, and written anew when most of it is about what is gone.
 *
 * What is forced to disk survives whatever ends the process or the machine. What left the queue shortly before may be in
 * it again: a file that was cut short anywhere is an earlier state of the queue.
 */
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { OutgoingAlert } from './destination.ts';

const text = z.string();
const Line = z.union([
  z.strictObject({
    alert: z.strictObject({
      id: text,
      module: text,
      hostname: text,
      time: text,
      message: text,
      fields: z.record(text, z.unknown()),
    }),
  }),
  z.strictObject({ done: z.int().positive() }),
  z.strictObject({ dropped: z.int().min(0) }),
]);

/** Lines about what is gone that a file may hold. */
const mostUseless = 1_000;
/** Lines that are written at once when the file is written anew. */
const linesAtOnce = 1_000;
/** After which writing is tried again, when it failed. */
const pauseMs = 2_000;

export class DiskQueue {
  /** The alerts that wait, the oldest first. To be changed by `push` and `shift` alone. */
  readonly waiting: OutgoingAlert[] = [];
  readonly #path: string;
  readonly #log: (message: string) => void;
  #untold = 0;
  #damaged = 0;
  #file: FileHandle | undefined;
  /** Lines in the file. */
  #lines = 0;
  #pending: string[] = [];
  #writing: Promise<void> | undefined;
  #isClosing = false;
  #isTroubled = false;

  private constructor(path: string, log: (message: string) => void) {
    this.#path = path;
    this.#log = log;
  }

  /** Opens the queue at `path`, with what waited there. Its directory must be there. Throws what the file system throws. */
  static async open(path: string, log: (message: string) => void): Promise<DiskQueue> {
    const queue = new DiskQueue(path, log);
    await queue.#load();
    return queue;
  }

  /** Lines that could not be read, though more came after them. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Alerts that were dropped and that nobody was told of yet. */
  get untold(): number {
    return this.#untold;
  }

  set untold(count: number) {
    this.#untold = count;
    // Only the last count is of use.
    if (this.#pending.at(-1)?.startsWith('{"dropped":')) this.#pending.pop();
    this.#append(JSON.stringify({ dropped: count }));
  }

  /** Adds an alert at the end. It is on disk soon afterwards. */
  push(alert: OutgoingAlert): void {
    this.waiting.push(alert);
    this.#append(encode(alert));
  }

  /** Takes `count` alerts from the front. */
  shift(count: number): OutgoingAlert[] {
    this.#append(JSON.stringify({ done: count }));
    return this.waiting.splice(0, count);
  }

  /** Resolves once everything is on disk, or could not be brought there, and lets go of the file. */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#writing !== undefined) await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Forgets what waits, on disk as well. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  async #load(): Promise<void> {
    const bytes = await readFile(this.#path).catch(ignoreMissing);
    if (bytes === undefined) return;
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#apply(bytes.subarray(start, end).toString());
      start = end + 1;
      this.#lines++;
    }
    // What follows the last line end was cut short: it must not become the beginning of another line.
    if (start < bytes.length) this.#lines = Number.POSITIVE_INFINITY;
    if (this.#lines > mostUseless) this.#schedule();
  }

  #apply(line: string): void {
    const said = parse(line);
    if (said === undefined) this.#damaged++;
    else if ('alert' in said) this.waiting.push(said.alert);
    else if ('done' in said) this.waiting.splice(0, said.done);
    else this.#untold = said.dropped;
  }

  #append(line: string): void {
    this.#pending.push(line);
    this.#schedule();
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
        if (this.#isToBeWrittenAnew) await this.#writeAnew();
        else await this.#writePending();
        if (this.#isTroubled) this.#log('the queue is on disk again');
        this.#isTroubled = false;
      } catch (error) {
        const { message } = error as Error;
        if (!this.#isTroubled) this.#log(`the queue cannot be written, what waits is in memory alone: ${message}`);
        this.#isTroubled = true;
        // What the file holds is not known any more.
        this.#lines = Number.POSITIVE_INFINITY;
        if (this.#isClosing) return;
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
  }

  get #isToBeWrittenAnew(): boolean {
    return this.#lines > 2 * this.waiting.length + mostUseless;
  }

  async #writePending(): Promise<void> {
    const lines = this.#pending.splice(0);
    if (this.#file === undefined) {
      this.#file = await open(this.#path, 'a', 0o600);
      await syncDirectory(dirname(this.#path));
    }
    await this.#file.appendFile(lines.map((line) => `${line}\n`).join(''));
    this.#lines += lines.length;
    // What was taken may come again after a power cut; what came in may not get lost.
    if (lines.some((line) => !line.startsWith('{"done":'))) await this.#file.datasync();
  }

  /** Writes beside the file what waits now, and puts it in its place. */
  async #writeAnew(): Promise<void> {
    this.#pending = [];
    const alerts = [...this.waiting];
    const dropped = this.#untold > 0 ? [JSON.stringify({ dropped: this.#untold })] : [];
    const beside = `${this.#path}.new`;
    const file = await open(beside, 'w', 0o600);
    try {
      await file.appendFile(dropped.map((line) => `${line}\n`).join(''));
      for (let at = 0; at < alerts.length; at += linesAtOnce) {
        await file.appendFile(
          alerts
            .slice(at, at + linesAtOnce)
            .map((alert) => `${encode(alert)}\n`)
            .join(''),
        );
      }
      await file.datasync();
      await rename(beside, this.#path);
    } catch (error) {
      await file.close();
      throw error;
    }
    await this.#file?.close();
    this.#file = file;
    this.#lines = alerts.length + dropped.length;
    await syncDirectory(dirname(this.#path));
  }
}

function encode(alert: OutgoingAlert): string {
  const { id, module, hostname, time, message, fields } = alert;
  return JSON.stringify({ alert: { id, module, hostname, time, message, fields } });
}

function parse(line: string): z.output<typeof Line> | undefined {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** A new name is durable once its directory is (fsync(2)). */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}
