/**
 * A log of lines in files of bounded size, `<prefix>-00000001.jsonl` and so on: appended to, made durable on demand,
 * and shortened at its old end. A line that a crash cut short is passed over.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../state/durable-file.ts';

export class Segments {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #segmentBytes: number;
  #numbers: number[];
  #file: number;
  #size: number;
  /** Whether a line was cut short by an error, and stays so. */
  #isTorn = false;

  /** Opens the log in `directory`, which must be there. A segment is closed when it is longer than `segmentBytes`. */
  constructor(directory: string, prefix: string, segmentBytes: number) {
    this.#directory = directory;
    this.#prefix = prefix;
    this.#segmentBytes = segmentBytes;
    this.#numbers = segmentNumbers(directory, prefix);
    if (this.#numbers.length === 0) this.#numbers = [1];
    [this.#file, this.#size] = this.#open(this.#numbers.at(-1)!);
  }

  get count(): number {
    return this.#numbers.length;
  }

  /** The numbers of the segments, the oldest first; the last one is appended to. */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  /**
   * Adds lines, each without its line end. They are on disk when it returns if `isDurable`. When it throws (a full disk,
   * say), none of them is in the log.
   */
  append(lines: readonly string[], isDurable: boolean): void {
    const bytes = Buffer.from(`${this.#isTorn ? '\n' : ''}${lines.map((line) => `${line}\n`).join('')}`);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
      if (isDurable) fsyncSync(this.#file);
    } catch (error) {
      this.#isTorn = !this.#shorten();
      throw error;
    }
    this.#isTorn = false;
    this.#size += bytes.length;
    if (this.#size > this.#segmentBytes) this.startNext();
  }

  /** Takes back what was written of lines that could not be. */
  #shorten(): boolean {
    try {
      ftruncateSync(this.#file, this.#size);
      return true;
    } catch {
      return false;
    }
  }

  /** Lines of the oldest segment. */
  oldest(): string[] {
    return this.read(this.#numbers[0]!);
  }

  /** Lines of a segment. */
  read(number: number): string[] {
    return readLines(segmentPath(this.#directory, this.#prefix, number));
  }

  /** Removes the oldest segment, unless it is the only one. */
  dropOldest(): void {
    if (this.#numbers.length < 2) return;
    rmSync(segmentPath(this.#directory, this.#prefix, this.#numbers.shift()!), { force: true });
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Goes on in a new file; in the old one, while there can be none. */
  startNext(): void {
    const next = this.#numbers.at(-1)! + 1;
    try {
      fsyncSync(this.#file);
      const opened = this.#open(next);
      closeSync(this.#file);
      [this.#file, this.#size] = opened;
      this.#numbers.push(next);
    } catch {
      // What was appended is where it belongs; the next line tries again.
    }
  }

  #open(number: number): [file: number, size: number] {
    const file = openSync(segmentPath(this.#directory, this.#prefix, number), 'a+', 0o600);
    syncDirectory(this.#directory);
    const { size } = fstatSync(file);
    // After a crash the last line may have no end; what is appended must not become a part of it.
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10) writeSync(file, '\n');
    return [file, size];
  }
}

/** All lines of a log, the oldest first. It may be open elsewhere. */
export function* linesOfSegments(directory: string, prefix: string): Generator<string> {
  for (const number of segmentNumbers(directory, prefix)) yield* readLines(segmentPath(directory, prefix, number));
}

function segmentNumbers(directory: string, prefix: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const [, of, number] = /^(.+)-(\d{8})\.jsonl$/.exec(name) ?? [];
      return of === prefix ? [Number(number)] : [];
    })
    .sort((a, b) => a - b);
}

function segmentPath(directory: string, prefix: string, number: number): string {
  return join(directory, `${prefix}-${String(number).padStart(8, '0')}.jsonl`);
}

function readLines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
