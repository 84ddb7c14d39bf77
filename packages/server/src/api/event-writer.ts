/** Writes server-sent events (https://html.spec.whatwg.org/#server-sent-events), as fast as the client reads. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

const quietMs = 15_000;

export class EventWriter {
  readonly gone = new AbortController();
  readonly #raw: ServerResponse;
  #wake: () => void = () => {};
  #isAwake = false;

  /** Takes over the response. */
  constructor(reply: FastifyReply) {
    reply.hijack();
    this.#raw = reply.raw;
    this.#raw.on('close', () => {
      this.gone.abort();
      this.wake();
    });
    this.#raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    this.#raw.write(': mig\n\n');
  }

  get isGone(): boolean {
    return this.gone.signal.aborted;
  }

  /** Writes an event; resolves when there is room for the next. */
  async send(event: string, data: unknown, id?: string | number): Promise<void> {
    if (this.isGone) return;
    const cursor = id === undefined ? '' : `id: ${id}\n`;
    const hasRoom = this.#raw.write(`${cursor}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (!hasRoom && !this.isGone) {
      await new Promise<void>((resolve) => {
        this.#raw.once('drain', resolve);
        this.#raw.once('close', resolve);
      });
    }
  }

  /** Ends the wait that is under way, or the next. */
  wake(): void {
    this.#isAwake = true;
    this.#wake();
  }

  /** Waits for `wake`, telling the client now and then that the connection stands. */
  async wait(): Promise<void> {
    while (!this.#isAwake && !this.isGone) {
      const isWoken = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), quietMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (!isWoken && !this.isGone) {
        this.#raw.write(': still here\n\n');
        // A wake may have been lost with a connection to the database: look again all the same.
        break;
      }
    }
    this.#isAwake = false;
  }

  end(): void {
    this.#raw.end();
  }
}
