/** Follows auditd's log from its end on, through rotation: what was written before a file was renamed is read as well. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const pollMs = 200;
/** Older files of a log are PATH.1, PATH.2… */
const mostRotated = 99;

export class LogTail {
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  readonly #log: (message: string) => void;
  readonly #buffer = Buffer.allocUnsafe(65_536);
  readonly #timer: NodeJS.Timeout;
  #file: number;
  #position: number;
  #decoder = new StringDecoder();
  #rest = '';
  #trouble: string | undefined;

  /** Throws the error of open(2). */
  constructor(path: string, onLine: (line: string) => void, log: (message: string) => void) {
    this.#path = path;
    this.#onLine = onLine;
    this.#log = log;
    this.#file = openSync(path, 'r');
    this.#position = fstatSync(this.#file).size;
    this.#timer = setInterval(() => this.read(), pollMs);
  }

  /** Why the log cannot be read just now. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Reads what is new. Where that fails it is tried again the next time, from where it was. */
  read(): void {
    try {
      this.#read();
      if (this.#trouble !== undefined) this.#log(`${this.#path} can be read again`);
      this.#trouble = undefined;
    } catch (error) {
      const trouble = `${this.#path} cannot be read: ${(error as NodeJS.ErrnoException).code}`;
      if (this.#trouble !== trouble) this.#log(trouble);
      this.#trouble = trouble;
    }
  }

  #read(): void {
    const failure = this.#tryOn();
    const opened = fstatSync(this.#file);
    const named = statSync(this.#path, { throwIfNoEntry: false });
    const isSame = named?.ino === opened.ino && named.dev === opened.dev;
    if (failure !== undefined && (named === undefined || isSame)) throw failure;
    // Between a rotation and the first record there is no file.
    if (named === undefined) return;
    if (isSame) {
      if (named.size < this.#position) this.#startOver();
      return;
    }
    this.#tryOn();
    for (let at = this.#rotationsOf(opened.ino) - 1; at > 0; at--) this.#follow(`${this.#path}.${at}`);
    this.#follow(this.#path);
  }

  /** Gives the error where the file that is open cannot be read any more: the one after it may be. */
  #tryOn(): unknown {
    try {
      this.#readOn();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    closeSync(this.#file);
  }

  /** Which of the older files was the log; 0 where it is gone. */
  #rotationsOf(inode: number): number {
    for (let at = 1; at <= mostRotated; at++) {
      const older = statSync(`${this.#path}.${at}`, { throwIfNoEntry: false });
      if (older === undefined) return 0;
      if (older.ino === inode) return at;
    }
    return 0;
  }

  #follow(path: string): void {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    closeSync(this.#file);
    this.#file = file;
    this.#startOver();
    this.#readOn();
  }

  /** A line that had no end gets none any more: what comes now is not the rest of it. */
  #startOver(): void {
    this.#position = 0;
    this.#decoder = new StringDecoder();
    this.#rest = '';
  }

  #readOn(): void {
    for (;;) {
      const count = readSync(this.#file, this.#buffer, 0, this.#buffer.length, this.#position);
      if (count === 0) return;
      this.#position += count;
      const lines = (this.#rest + this.#decoder.write(this.#buffer.subarray(0, count))).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#onLine(line);
    }
  }
}
