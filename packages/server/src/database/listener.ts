/** One connection to a PostgreSQL server for LISTEN, made again when it is lost. */
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { Channel } from './open-database.ts';

type Wake = (payload: string) => void;

const pauseMs = 1_000;

export class Listener {
  readonly #connect: () => pg.Client;
  readonly #log: (message: string) => void;
  readonly #wakes = new Map<Channel, Set<Wake>>();
  readonly #closing = new AbortController();
  /** The connection that stands, or the attempts to make it. */
  #client: Promise<pg.Client> | undefined;

  constructor(connect: () => pg.Client, log: (message: string) => void) {
    this.#connect = connect;
    this.#log = log;
  }

  /** Resolves once `wake` misses nothing. Rejects when the first connection cannot be made. */
  async listen(channel: Channel, wake: Wake): Promise<() => Promise<void>> {
    const wakes = this.#wakes.get(channel) ?? new Set();
    this.#wakes.set(channel, wakes);
    wakes.add(wake);
    this.#client ??= this.#open();
    const client = await this.#client;
    await client.query(`LISTEN ${channel}`);
    return async () => void wakes.delete(wake);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client?.then((client) => client.end()).catch(() => {});
  }

  async #open(): Promise<pg.Client> {
    const client = this.#connect();
    let isStanding = false;
    const lose = (error: Error) => {
      if (!isStanding || this.#closing.signal.aborted) return;
      isStanding = false;
      this.#log(`database: ${error.message}; connecting again`);
      this.#client = this.#openAgain();
      this.#client.catch(() => {});
    };
    client.on('error', lose);
    client.on('end', () => lose(new Error('the connection ended')));
    client.on('notification', ({ channel, payload }) => {
      for (const wake of this.#wakes.get(channel as Channel) ?? []) wake(payload ?? '');
    });
    try {
      await client.connect();
      for (const channel of this.#wakes.keys()) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    isStanding = true;
    return client;
  }

  /** Tries until there is a connection, or `close`; then wakes everybody, for what was notified in between was missed. */
  async #openAgain(): Promise<pg.Client> {
    for (;;) {
      await setTimeout(pauseMs, undefined, { signal: this.#closing.signal });
      const client = await this.#open().catch(() => undefined);
      if (client === undefined) continue;
      for (const wakes of this.#wakes.values()) for (const wake of wakes) wake('');
      return client;
    }
  }
}
