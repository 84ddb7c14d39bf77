/**
 * The queue of one destination: in memory to be read, on disk to outlive the process. Each line of its log is what was
 * done to it: `{"alert":…}` came in at its end, `{"done":3}` were taken from its front, `{"dropped":2}` were dropped that
 * nobody was told of yet. What came in is forced to disk; what left it shortly before a crash may be in it again.
 */
import { z } from 'zod';
import { StateLog } from '../state-log.ts';
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

export class DiskQueue {
  /** The alerts that wait, the oldest first. To be changed by `push` and `shift` alone. */
  readonly waiting: OutgoingAlert[] = [];
  #log: StateLog | undefined;
  #untold = 0;
  #damaged = 0;

  /** Opens the queue at `path`, with what waited there. Its directory must be there. Throws what the file system throws. */
  static async open(path: string, log: (message: string) => void): Promise<DiskQueue> {
    const queue = new DiskQueue();
    const options = { path, log, needed: () => queue.waiting.length, lines: () => queue.#lines() };
    queue.#log = await StateLog.open(options, (line) => queue.#apply(line));
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
    this.#log?.appendOver('{"dropped":', JSON.stringify({ dropped: count }), true);
  }

  /** Adds an alert at the end. It is on disk soon afterwards. */
  push(alert: OutgoingAlert): void {
    this.waiting.push(alert);
    this.#log?.append(encode(alert), true);
  }

  /** Takes `count` alerts from the front. */
  shift(count: number): OutgoingAlert[] {
    this.#log?.append(JSON.stringify({ done: count }));
    return this.waiting.splice(0, count);
  }

  /** Resolves once everything is on disk, or could not be brought there. */
  async close(): Promise<void> {
    await this.#log?.close();
  }

  /** Forgets what waits, on disk as well. */
  async remove(): Promise<void> {
    await this.#log?.remove();
  }

  #apply(line: string): void {
    const said = parse(line);
    if (said === undefined) this.#damaged++;
    else if ('alert' in said) this.waiting.push(said.alert);
    else if ('done' in said) this.waiting.splice(0, said.done);
    else this.#untold = said.dropped;
  }

  #lines(): Iterable<string> {
    return encodeAll([...this.waiting], this.#untold);
  }
}

function* encodeAll(alerts: readonly OutgoingAlert[], untold: number): Generator<string> {
  if (untold > 0) yield JSON.stringify({ dropped: untold });
  for (const alert of alerts) yield encode(alert);
}

function encode({ id, module, hostname, time, message, fields }: OutgoingAlert): string {
  return JSON.stringify({ alert: { id, module, hostname, time, message, fields } });
}

function parse(line: string): z.output<typeof Line> | undefined {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
