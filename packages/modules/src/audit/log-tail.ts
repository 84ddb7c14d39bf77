/** Follows auditd's log from its end on, through rotation: what was written before a file was renamed is read as well. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const pollMs = 200;
/** Older files of a log are PATH.1, PATH.2… */
const mostRotated = 99;

export class LogTail {
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  readonly #buffer = Buffer.allocUnsafe(65_536);
  readonly #timer: NodeJS.Timeout;
  #file: number;
  #position: number;
  #decoder = new StringDecoder();
  #rest = '';

  /** Throws the error of open(2). */
  constructor(path: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#onLine = onLine;
    this.#file = openSync(path, 'r');
    this.#position = fstatSync(this.#file).size;
    this.#timer = setInterval(() => this.read(), pollMs);
  }

  /** Reads what is new. */
  read(): void {
    this.#readOn();
    const opened = fstatSync(this.#file);
    const named = statSync(this.#path, { throwIfNoEntry: false });
    // Between a rotation and the first record there is no file.
    if (named === undefined) return;
    if (named.ino === opened.ino && named.dev === opened.dev) {
      if (named.size < this.#position) this.#position = 0;
      return;
    }
    this.#readOn();
    for (let at = this.#rotationsOf(opened.ino) - 1; at > 0; at--) this.#follow(`${this.#path}.${at}`);
    this.#follow(this.#path);
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
    } catch {
      return;
    }
    closeSync(this.#file);
    this.#file = file;
    this.#position = 0;
    this.#readOn();
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
