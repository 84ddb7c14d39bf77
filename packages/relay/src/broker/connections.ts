/** Which connections a client has open: an agent may have a few, so that a flood ends its own sender only. */
import type { Duplex } from 'node:stream';

/** A connection that is lost without a word stays until its keep-alive ends, so that one more must fit. */
const mostPerName = 3;

export class OpenConnections {
  readonly #byName = new Map<string, Set<Duplex>>();

  /** Notes a connection of `name`; where that has too many, its oldest one is ended. */
  add(name: string, stream: Duplex): void {
    const open = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, open.add(stream));
    stream.once('close', () => {
      open.delete(stream);
      if (open.size === 0 && this.#byName.get(name) === open) this.#byName.delete(name);
    });
    if (open.size <= mostPerName) return;
    const [oldest] = open;
    open.delete(oldest!);
    oldest!.destroy(new Error(`${name} has opened ${mostPerName} newer connections`));
  }
}
