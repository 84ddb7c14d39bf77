/**
 * The alerts of one module that the platform has not acknowledged, on disk and in order. Bounded: what does not fit is
 * dropped and counted, and the count takes its place in the order as an alert of its own.
 *
 * What `add` has taken survives the end of the process, however it ends. What was acknowledged may be sent once more
 * after that: the platform knows it by its id.
 */
import { AlertMessage } from '@mig/action';
import { Segments } from '../journal/segments.ts';
import { DroppedCount } from './dropped-count.ts';

/** A file of alerts is closed beyond this size, and removed once all in it are acknowledged. */
const segmentBytes = 256 * 1024;

/** Alerts that are written in one go: a file grows beyond its size by so many at most. */
const mostAtOnce = 100;

interface Segment {
  readonly number: number;
  bytes: number;
  /** Alerts in it that are not acknowledged. */
  left: number;
}

export class Outbox {
  readonly module: string;
  readonly #segments: Segments;
  readonly #limitBytes: number;
  readonly #known: Segment[];
  readonly #dropped: DroppedCount;
  /** Alerts that were given out and are not acknowledged, in order, with the segments that they are in. */
  readonly #out = new Map<string, { readonly alert: AlertMessage; readonly segment: Segment }>();
  /** What comes next, of the segment `#reading`. */
  #queue: AlertMessage[] = [];
  #reading: Segment;
  #isFull = false;

  /** Opens the outbox of `module` in `directory`, which must be there. */
  constructor(directory: string, module: string, limitBytes: number) {
    this.module = module;
    this.#limitBytes = limitBytes;
    this.#segments = new Segments(directory, module, segmentBytes);
    this.#dropped = new DroppedCount(directory, module);
    this.#known = this.#segments.numbers.map((number) => {
      const lines = this.#segments.read(number);
      return { number, bytes: lines.reduce((sum, line) => sum + sizeOf(line), 0), left: alertsIn(lines).length };
    });
    this.#reading = this.#known[0]!;
    this.#queue = alertsIn(this.#segments.read(this.#reading.number));
    this.tidy();
  }

  /** Alerts that are not acknowledged. */
  get waiting(): number {
    return this.#known.reduce((sum, { left }) => sum + left, 0);
  }

  /** Alerts that were dropped since the agent started. */
  get dropped(): number {
    return this.#dropped.total;
  }

  /** Keeps `alerts`, in order. Those that do not fit are dropped. Throws what the file system throws: those are dropped as well. */
  add(alerts: readonly AlertMessage[]): void {
    const lines: string[] = [];
    let bytes = this.#bytes;
    for (const alert of alerts) {
      const line = JSON.stringify(alert);
      bytes += sizeOf(line);
      this.#isFull ||= bytes > this.#limitBytes;
      if (this.#isFull) break;
      lines.push(line);
    }
    const before = this.waiting;
    try {
      this.#write(alerts.slice(0, lines.length), lines);
    } catch (error) {
      this.#isFull = true;
      this.#dropped.add(alerts.length - (this.waiting - before));
      throw error;
    }
    if (lines.length < alerts.length) this.#dropped.add(alerts.length - lines.length);
  }

  /** Counts alerts that were dropped before they came here. */
  noteDropped(count: number): void {
    this.#dropped.add(count);
    this.#tellDropped();
  }

  /** Counts alerts that were dropped before they came here, where an alert tells of them. */
  droppedBefore(count: number): void {
    this.#dropped.total += count;
  }

  /** Ids of the alerts that are on disk, those among them that are acknowledged and not removed yet. */
  ids(): Set<string> {
    return new Set(this.#known.flatMap(({ number }) => alertsIn(this.#segments.read(number)).map(({ id }) => id)));
  }

  /** The next alert to send, in order; undefined when all were given out. */
  next(): AlertMessage | undefined {
    this.#readOn();
    const alert = this.#queue.shift();
    if (alert === undefined) return undefined;
    this.#out.set(alert.id, { alert, segment: this.#reading });
    return alert;
  }

  /** Alerts that were given out and not acknowledged, the oldest first. */
  get out(): readonly AlertMessage[] {
    return [...this.#out.values()].map(({ alert }) => alert);
  }

  get outCount(): number {
    return this.#out.size;
  }

  /** Forgets an alert. False when it is not one that was given out. */
  acknowledge(id: string): boolean {
    const known = this.#out.get(id);
    if (known === undefined) return false;
    this.#out.delete(id);
    known.segment.left--;
    return true;
  }

  /** Removes what is acknowledged from the disk, and takes alerts again when there is room. */
  tidy(): void {
    const last = this.#known.at(-1)!;
    if (last.left === 0 && last.bytes > 0) {
      this.#segments.startNext();
      this.#noteNext();
    }
    this.#readOn();
    while (this.#known.length > 1 && this.#known[0]!.left === 0 && this.#known[0] !== this.#reading) {
      this.#known.shift();
      this.#segments.dropOldest();
    }
    if (this.#isFull && this.#bytes < this.#limitBytes * 0.9) this.#isFull = false;
    this.#tellDropped();
  }

  close(): void {
    this.#segments.close();
    this.#dropped.close();
  }

  get #bytes(): number {
    return this.#known.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #write(alerts: readonly AlertMessage[], lines: readonly string[]): void {
    for (let i = 0; i < lines.length; i += mostAtOnce) {
      this.#append(alerts.slice(i, i + mostAtOnce), lines.slice(i, i + mostAtOnce));
    }
  }

  #append(alerts: readonly AlertMessage[], lines: readonly string[]): void {
    const segment = this.#known.at(-1)!;
    this.#segments.append(lines, false);
    segment.bytes += lines.reduce((sum, line) => sum + sizeOf(line), 0);
    segment.left += lines.length;
    if (this.#reading === segment) for (const alert of alerts) this.#queue.push(alert);
    this.#noteNext();
  }

  /** Notes the segment that was begun, if one was. */
  #noteNext(): void {
    const number = this.#segments.numbers.at(-1)!;
    if (number !== this.#known.at(-1)!.number) this.#known.push({ number, bytes: 0, left: 0 });
  }

  /** Goes on with the next segment, once all of the one before were given out. */
  #readOn(): void {
    while (this.#queue.length === 0) {
      const after = this.#known[this.#known.indexOf(this.#reading) + 1];
      if (after === undefined) return;
      this.#reading = after;
      this.#queue = alertsIn(this.#segments.read(after.number));
      after.left = this.#queue.length;
    }
  }

  #tellDropped(): void {
    if (this.#isFull) return;
    const alert = this.#dropped.asAlert(this.module);
    if (alert === undefined) return;
    try {
      this.#write([alert], [JSON.stringify(alert)]);
    } catch {
      // The disk is full, say. Told the next time; what comes until then is dropped too, so that the order stays.
      this.#isFull = true;
      return;
    }
    this.#dropped.told();
  }
}

/** The alerts in lines; a line that a crash cut short is passed over. */
function alertsIn(lines: readonly string[]): AlertMessage[] {
  return lines.flatMap((line) => {
    try {
      return [AlertMessage.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

function sizeOf(line: string): number {
  return Buffer.byteLength(line) + 1;
}
