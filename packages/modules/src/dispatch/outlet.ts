/**
 * What waits before one destination: bounded, in order, tried again until the destination takes it. An alert leaves the
 * queue when it was taken (`sent`) or given up (`dropped`), so that at any time
 * found at the start + received = queued + sent + dropped.
 */
import { formatDuration } from '@mig/module';
import { type Destination, Later, type OutgoingAlert, Refusal } from './destination.ts';
import type { DiskQueue } from './disk-queue.ts';
import type { DestinationState } from './dispatch.ts';

export interface OutletOptions {
  /** Alerts that may wait. */
  readonly capacity: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly log: (message: string) => void;
  /** Told once a time of dropping is over, with the number of alerts that were dropped. */
  readonly onDropped: (destination: string, dropped: number) => void;
}

/** Longest wait that a destination may ask for. */
const longestWaitMs = 3_600_000;

export class Outlet {
  readonly #destination: Destination;
  readonly #options: OutletOptions;
  readonly #queue: DiskQueue;
  readonly #running: Promise<void>;
  readonly #deadline = new AbortController();
  #wake: () => void = () => {};
  #isStopping = false;
  /** Most that is handed over at once: less than the destination takes after it refused as many. */
  #batch: number;
  #failuresInRow = 0;
  #failures = 0;
  #sent = 0;
  #dropped = 0;
  #lastSent: string | undefined;
  #lastError: string | undefined;

  /** Starts with what waits in `queue`, which is its own from now on. */
  constructor(destination: Destination, queue: DiskQueue, options: OutletOptions) {
    this.#destination = destination;
    this.#queue = queue;
    this.#options = options;
    this.#batch = destination.batch;
    this.#running = this.#run();
  }

  get #name(): string {
    return `${this.#destination.kind} ${this.#destination.name}`;
  }

  /** Takes an alert; drops it where the queue is full: what waits already is older. */
  push(alert: OutgoingAlert): void {
    if (this.#queue.waiting.length >= this.#options.capacity) {
      if (this.#queue.untold === 0)
        this.#options.log(`${this.#name}: queue of ${this.#options.capacity} full, dropping alerts`);
      this.#drop();
      return;
    }
    this.#queue.push(alert);
    if (this.#queue.waiting.length === 1) this.#wake();
  }

  /** Ends the wait after a failure. */
  retry(): void {
    this.#wake();
  }

  state(): DestinationState {
    const { kind, name } = this.#destination;
    return {
      destination: name,
      kind,
      ok: this.#failuresInRow === 0 && this.#dropped === 0,
      queued: this.#queue.waiting.length,
      sent: this.#sent,
      dropped: this.#dropped,
      failures: this.#failures,
      ...(this.#lastSent === undefined ? {} : { lastsent: this.#lastSent }),
      ...(this.#lastError === undefined ? {} : { lasterror: this.#lastError.slice(0, 1000) }),
    };
  }

  /** Tries to hand over what waits, for `graceMs` at most, and ends. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    const timer = setTimeout(() => this.#deadline.abort(new Error('stopped')), graceMs);
    await this.#running;
    clearTimeout(timer);
    this.#tellDropped();
    const left = this.#queue.waiting.length;
    if (left > 0) this.#options.log(`${this.#name}: ended with ${left} alerts not sent, they wait for the next start`);
    await Promise.all([this.#destination.close(), this.#queue.close()]);
  }

  async #run(): Promise<void> {
    for (;;) {
      if (this.#queue.waiting.length === 0) {
        if (this.#isStopping) return;
        await this.#pause();
      } else if (!(await this.#deliver()) && this.#isStopping) return;
    }
  }

  /** Hands over the oldest that wait, and waits after a failure. Gives whether they were dealt with. */
  async #deliver(): Promise<boolean> {
    const alerts = this.#queue.waiting.slice(0, this.#batch);
    try {
      await this.#destination.deliver(alerts, this.#deadline.signal);
    } catch (error) {
      if (error instanceof Refusal) return this.#refused(alerts.length, error);
      await this.#failed(error as Error);
      return false;
    }
    this.#queue.shift(alerts.length);
    this.#sent += alerts.length;
    this.#lastSent = new Date().toISOString();
    this.#batch = Math.min(this.#destination.batch, this.#batch * 2);
    if (this.#failuresInRow > 0) this.#options.log(`${this.#name}: takes alerts again`);
    this.#failuresInRow = 0;
    if (this.#queue.waiting.length < this.#options.capacity / 2) this.#tellDropped();
    return true;
  }

  /** Finds the alert that is refused by halves; drops it when it is alone. */
  #refused(count: number, { message }: Refusal): boolean {
    this.#lastError = message;
    if (count > 1) {
      this.#batch = Math.ceil(count / 2);
      return true;
    }
    const [alert] = this.#queue.shift(1);
    this.#options.log(`${this.#name}: an alert of ${alert?.module} was dropped: ${message}`);
    this.#failures++;
    this.#drop();
    return true;
  }

  async #failed(error: Error): Promise<void> {
    const { retryMinMs, retryMaxMs, log } = this.#options;
    this.#lastError = error.message;
    this.#failures++;
    const doubled = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.#failuresInRow, 30));
    // Endpoints that lost the same server must not come back to it all at once.
    const waitMs = Math.round(doubled * (0.5 + Math.random() / 2));
    const asked = error instanceof Later ? Math.min(error.afterMs, longestWaitMs) : 0;
    const wait = Math.max(waitMs, asked);
    if (this.#failuresInRow === 0 && !this.#isStopping) {
      log(`${this.#name}: ${error.message}; trying again, first in ${formatDuration(wait)}`);
    }
    this.#failuresInRow++;
    if (!this.#isStopping) await this.#pause(wait);
  }

  #drop(): void {
    this.#dropped++;
    this.#queue.untold++;
  }

  #tellDropped(): void {
    const { untold } = this.#queue;
    if (untold === 0) return;
    this.#options.log(`${this.#name}: ${untold} alerts were dropped`);
    this.#options.onDropped(this.#name, untold);
    this.#queue.untold = 0;
  }

  /** Waits to be woken, for `milliseconds` at most if given. */
  async #pause(milliseconds?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (milliseconds !== undefined) timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
    this.#wake = () => {};
  }
}
