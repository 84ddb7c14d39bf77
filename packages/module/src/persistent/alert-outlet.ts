/** Writes messages to the agent without ever waiting for it: alerts are held up to a bound, then dropped and counted. */
import type { Writable } from 'node:stream';
import { encodeMessage, type Message } from '../contract/messages.ts';

/** Lines that are held while the agent does not read: some 10 MB. */
const mostHeld = 32_768;

export class AlertOutlet {
  dropped = 0;
  readonly #output: Writable;
  #held: string[] = [];
  #isBlocked = false;
  #saidDropped = 0;

  constructor(output: Writable) {
    this.#output = output;
    output.on('drain', () => this.#flush());
  }

  /** Sends `message`. An alert is dropped when too many wait already. */
  send(message: Message): void {
    if (this.#isBlocked && this.#held.length >= mostHeld) {
      if (message.class === 'alert') {
        this.dropped++;
        return;
      }
      if (message.class === 'log') return;
    }
    const line = encodeMessage(message);
    if (this.#isBlocked) this.#held.push(line);
    else this.#write(line);
  }

  #write(line: string): void {
    this.#isBlocked = !this.#output.write(line);
  }

  #flush(): void {
    this.#isBlocked = false;
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.#write(held.join(''));
    if (this.dropped > this.#saidDropped && !this.#isBlocked) {
      const dropped = this.dropped - this.#saidDropped;
      const message = `${dropped} alerts were dropped: the agent did not take them in time`;
      this.#saidDropped = this.dropped;
      this.#write(encodeMessage({ class: 'log', parameters: { message, dropped } }));
    }
  }
}
