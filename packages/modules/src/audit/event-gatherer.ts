/**
 * Gathers the records of an event: those with the same time, serial and machine. Events overlap in the stream. One is
 * complete with its EOE record; where there is none (auditd keeps it from its log) when nothing more came for a while.
 */
import { type AuditRecord, parseRecord } from './parse-record.ts';

export interface AuditEvent {
  readonly time: string;
  readonly serial: number;
  readonly node: string | undefined;
  readonly records: readonly AuditRecord[];
  readonly raw: readonly string[];
}

export interface GathererOptions {
  /** Most events that are incomplete at a time. */
  readonly pending: number;
  /** How long nothing must come for an event before it is taken for complete. */
  readonly quietMs: number;
  readonly onEvent: (event: AuditEvent) => void;
}

interface Gathering extends AuditEvent {
  readonly records: AuditRecord[];
  readonly raw: string[];
  touched: number;
}

/** Events that are remembered after they were told, to know late records by. */
const mostTold = 4_096;

/** Events of programs are one record (audit numbers 1100 to 1199 and 1200 to 1299, 2000 and up). */
const single =
  /^(USER|CRED|DAEMON|ADD|DEL|GRP|SERVICE|SYSTEM|VIRT|CRYPTO|ACCT|USYS|TEST|TRUSTED|CHUSER|CHGRP|RESP|ANOM_LOGIN)_/;

export class EventGatherer {
  readonly types = new Map<string, number>();
  records = 0;
  unreadable = 0;
  late = 0;
  cut = 0;
  readonly #options: GathererOptions;
  /** By the event; the one that was touched last comes last. */
  readonly #pending = new Map<string, Gathering>();
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GathererOptions) {
    this.#options = options;
  }

  take(line: string): void {
    if (line === '') return;
    const record = parseRecord(line);
    if (record === undefined) {
      this.unreadable++;
      return;
    }
    this.records++;
    this.types.set(record.type, (this.types.get(record.type) ?? 0) + 1);
    const { time, serial, node, type } = record;
    const key = `${node ?? ''} ${time}:${serial}`;
    const known = this.#pending.get(key);
    if (type === 'EOE') {
      if (known !== undefined) this.#tell(key, known);
      return;
    }
    if (known === undefined && this.#told.has(key)) {
      this.late++;
      return;
    }
    const event = known ?? { time, serial, node, records: [], raw: [], touched: 0 };
    event.records.push(record);
    event.raw.push(line);
    event.touched = performance.now();
    this.#pending.delete(key);
    this.#pending.set(key, event);
    if (single.test(type)) this.#tell(key, event);
    if (this.#pending.size > this.#options.pending) this.#cutOldest();
    if (this.#pending.size > 0) this.#timer ??= setTimeout(() => this.#ring(), this.#options.quietMs);
  }

  /** Tells all events as they are. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [key, event] of this.#pending) this.#tell(key, event);
  }

  #ring(): void {
    this.#timer = undefined;
    const quiet = performance.now() - this.#options.quietMs;
    for (const [key, event] of this.#pending) {
      if (event.touched > quiet) break;
      this.#tell(key, event);
    }
    if (this.#pending.size > 0) this.#timer = setTimeout(() => this.#ring(), this.#options.quietMs);
  }

  #cutOldest(): void {
    const [oldest] = this.#pending;
    if (oldest === undefined) return;
    this.cut++;
    this.#tell(...oldest);
  }

  #tell(key: string, event: AuditEvent): void {
    this.#pending.delete(key);
    this.#told.add(key);
    if (this.#told.size > mostTold) for (const first of this.#told) if (this.#told.delete(first)) break;
    this.#options.onEvent(event);
  }
}
