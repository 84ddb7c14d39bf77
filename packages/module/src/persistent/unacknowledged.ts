/**
 * The alerts of an instance that the agent has not acknowledged: in memory, and after a moment in a file of the state
 * directory, for the next instance to tell them again. Each has a number, which the agent acknowledges up to, and an id,
 * by which one that is told again is known.
 *
 * The file is a log of messages as they travel: alerts, and acknowledgements of those before. While the agent keeps up,
 * there is none.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { decodeMessage, encodeMessage, type Message } from '../contract/messages.ts';

export type AlertParameters = Extract<Message, { class: 'alert' }>['parameters'];

/** After which an alert goes to the file: an agent that keeps up has acknowledged it long before. */
const patienceMs = 250;
/** The file is written anew beyond this size. */
const mostFileBytes = 32 * 1024 * 1024;

export class Unacknowledged {
  readonly #path: string;
  readonly #log: (message: string) => void;
  /** Of random digits. node:crypto is loaded with it: the start of every module process would pay for it. */
  readonly #series = process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex');
  /** Lines by their numbers, in order. */
  readonly #lines = new Map<number, string>();
  #bytes = 0;
  #number = 0;
  /** The last number that is in the file, and the last one that it says is acknowledged. */
  #written = 0;
  #writtenAck = 0;
  #acknowledged = 0;
  /** Undefined while the file cannot be appended to: there is none, or its last line may have no end. */
  #fileBytes: number | undefined;
  #isThere = false;
  #isTroubled = false;
  #later: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;

  /** Reads what an instance before left in the file at `path`. */
  constructor(path: string, log: (message: string) => void) {
    this.#path = path;
    this.#log = log;
    for (const parameters of this.#read()) {
      this.#number = parameters.number;
      this.#keep(parameters.number, encodeMessage({ class: 'alert', parameters: { ...parameters, again: true } }));
    }
  }

  get count(): number {
    return this.#lines.size;
  }

  /** Length of the lines, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All lines, the oldest first. */
  get lines(): readonly string[] {
    return [...this.#lines.values()];
  }

  /** Keeps an alert, and gives its line. */
  add(parameters: AlertParameters): string {
    const number = ++this.#number;
    const id = `${this.#series}-${number}`;
    const line = encodeMessage({ class: 'alert', parameters: { number, id, ...parameters } });
    this.#keep(number, line);
    return line;
  }

  /** Forgets the alerts up to `number`. */
  acknowledge(number: number): void {
    for (const [known, line] of this.#lines) {
      if (known > number) break;
      this.#lines.delete(known);
      this.#bytes -= Buffer.byteLength(line);
      this.#acknowledged = known;
    }
    if (this.#lines.size > 0) this.#schedule();
    else this.save();
  }

  /** Brings the file up to date; where that fails, it is said once. */
  save(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    try {
      this.#save();
      this.#isTroubled = false;
    } catch (error) {
      this.#fileBytes = undefined;
      if (!this.#isTroubled) {
        this.#log(`alerts that the agent has not taken cannot be kept on disk: ${(error as Error).message}`);
      }
      this.#isTroubled = true;
    }
    if (this.#lines.size === 0) this.#onEmpty?.();
  }

  /** Resolves once all are acknowledged, after `longestMs` at the latest. */
  async settled(longestMs: number): Promise<void> {
    if (this.#lines.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, longestMs);
    });
    clearTimeout(timer);
  }

  #keep(number: number, line: string): void {
    this.#lines.set(number, line);
    this.#bytes += Buffer.byteLength(line);
    this.#schedule();
  }

  #schedule(): void {
    this.#later ??= setTimeout(() => this.save(), patienceMs).unref();
  }

  #save(): void {
    if (this.#lines.size === 0) {
      if (this.#isThere) rmSync(this.#path, { force: true });
      this.#isThere = false;
      this.#fileBytes = undefined;
      return;
    }
    if (this.#fileBytes === undefined || this.#fileBytes > mostFileBytes) this.#writeAnew();
    else this.#append(this.#fileBytes);
    this.#written = this.#number;
    this.#writtenAck = this.#acknowledged;
  }

  #append(before: number): void {
    const isNew = ([number]: [number, string]) => number > this.#written;
    const lines = [...this.#lines].filter(isNew).map(([, line]) => line);
    const number = this.#acknowledged;
    if (number > this.#writtenAck) lines.push(encodeMessage({ class: 'ack', parameters: { number } }));
    this.#fileBytes = before + write(this.#path, 'a', lines);
  }

  #writeAnew(): void {
    const beside = `${this.#path}.new`;
    const bytes = write(beside, 'w', this.lines);
    renameSync(beside, this.#path);
    this.#isThere = true;
    this.#fileBytes = bytes;
  }

  /** The alerts in the file that were not acknowledged, in order. */
  #read(): Iterable<AlertParameters & { number: number }> {
    const left = new Map<number, AlertParameters & { number: number }>();
    let damaged = 0;
    for (const line of this.#readFile().split('\n')) {
      const message = line === '' ? undefined : read(line);
      if (message?.class === 'ack') {
        for (const number of left.keys()) if (number <= message.parameters.number) left.delete(number);
      } else if (message?.class === 'alert' && message.parameters.number !== undefined) {
        const { number } = message.parameters;
        left.set(number, { ...message.parameters, number });
      } else if (line !== '') damaged++;
    }
    if (damaged > 0) this.#log(`${damaged} lines of ${this.#path} were damaged, and passed over`);
    return left.values();
  }

  #readFile(): string {
    try {
      const text = readFileSync(this.#path, 'utf8');
      this.#isThere = true;
      return text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#log(`alerts of an instance before cannot be told again: ${(error as Error).message}`);
      }
      return '';
    }
  }
}

/** Undefined for a line that is no message: a crash may have cut it short. */
function read(line: string): Message | undefined {
  try {
    return decodeMessage(line);
  } catch {
    return undefined;
  }
}

/** Gives the number of bytes that it wrote. */
function write(path: string, how: 'a' | 'w', lines: readonly string[]): number {
  const bytes = Buffer.from(lines.join(''));
  const file = openSync(path, how, 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } finally {
    closeSync(file);
  }
  return bytes.length;
}
