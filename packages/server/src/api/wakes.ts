/** Wakes the streams of this process: one listener at the database for all of them. */
import { EventEmitter } from 'node:events';
import type { Channel, Database } from '../database/open-database.ts';

/** The channels that streams wait for. */
const channels = ['mig_commands', 'mig_alerts', 'mig_agents'] as const satisfies readonly Channel[];
export type StreamChannel = (typeof channels)[number];

export class Wakes {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #stops: (() => Promise<void>)[] = [];

  async start(database: Database): Promise<void> {
    for (const channel of channels) {
      this.#stops.push(await database.listen(channel, (payload) => this.#emitter.emit(channel, payload)));
    }
  }

  async stop(): Promise<void> {
    this.#emitter.removeAllListeners();
    for (const stop of this.#stops.splice(0)) await stop();
  }

  /** Calls `wake` when `channel` is notified with `payload`, or with none. Gives the way to stop that. */
  on(channel: StreamChannel, payload: string | undefined, wake: (payload: string) => void): () => void {
    const listener = (said: string) => {
      if (payload === undefined || said === '' || said === payload) wake(said);
    };
    this.#emitter.on(channel, listener);
    return () => this.#emitter.off(channel, listener);
  }
}
