/** Writes server-sent events (https://html.spec.whatwg.org/#server-sent-events), as fast as the client reads. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** After this long without an event, the client is told that the connection stands. */
const quietMs = 15_000;

export class EventWriter {
  readonly #gone = new AbortController();
  readonly #raw: ServerResponse;
  #wake: () => void = () => {};
  #isAwake = false;

  /** Takes over the response. */
  constructor(reply: FastifyReply) {
    reply.hijack();
    this.#raw = reply.raw;
    this.#raw.on('close', () => this.stop());
    this.#raw.writeHead(200, {
      ...(reply.getHeaders() as Readonly<Record<string, string>>),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    this.#raw.write(': mig\n\n');
  }

  /** Whether nobody reads any more, or the server stops. */
  get isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  /** Lets whoever writes come to an end. */
  stop(): void {
    this.#gone.abort();
    this.wake();
  }

  /** Writes an event; resolves when there is room for the next. */
  async send(event: string, data: unknown, id?: string | number): Promise<void> {
    if (this.isGone) return;
    const cursor = id === undefined ? '' : `id: ${id}\n`;
    const hasRoom = this.#raw.write(`${cursor}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (!hasRoom && !this.isGone) await once(this.#raw, 'drain', { signal: this.#gone.signal }).catch(() => {});
  }

  /** Ends the wait that is under way, or the next. */
  wake(): void {
    this.#isAwake = true;
    this.#wake();
  }

  /** Waits for `wake`, or a while: a wake may be lost with a connection to the database. */
  async wait(): Promise<void> {
    if (!this.#isAwake && !this.isGone) {
      const isWoken = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), quietMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (!isWoken && !this.isGone) this.#raw.write(': still here\n\n');
    }
    this.#isAwake = false;
  }

  end(): void {
    this.#raw.end();
  }
}
