/**
 * Writes messages to the agent without ever waiting for it. Alerts are held up to a bound, beyond it dropped and counted;
 * how many were dropped is an alert itself, in its place in the order, once there is room again.
 *
 * Where the agent acknowledges alerts, those are held that it has not acknowledged; elsewhere those that it has not read.
 */
import type { Writable } from 'node:stream';
import { encodeMessage, type Message } from '../contract/messages.ts';
import type { AlertParameters, Unacknowledged } from './unacknowledged.ts';

/** What is held at most: lines, and their bytes. */
const mostHeld = 32_768;
const mostBytes = 16 * 1024 * 1024;
/** What must be left of that before alerts are taken again: not each one alone. */
const takenAgain = 0.9;

export class AlertOutlet {
  dropped = 0;
  readonly #output: Writable;
  #held: string[] = [];
  #heldBytes = 0;
  #isBlocked = false;
  #isFull = false;
  #saidDropped = 0;
  #kept: Unacknowledged | undefined;

  constructor(output: Writable) {
    this.#output = output;
    output.on('drain', () => this.#flush());
  }

  /** From now on, keeps alerts in `kept` until the agent acknowledges them; tells those again that are there already. */
  keepIn(kept: Unacknowledged): void {
    this.#kept = kept;
    for (const line of kept.lines) this.#put(line);
  }

  /** Raises an alert; it is dropped where too much is held already. */
  raise(message: string, fields: AlertParameters['fields']): void {
    this.#look();
    if (this.#isFull) this.dropped++;
    else this.#tell({ message, fields, time: new Date().toISOString() });
  }

  /** Forgets alerts up to `number`. */
  acknowledge(number: number): void {
    this.#kept?.acknowledge(number);
    this.#look();
  }

  /** Sends what is no alert. Lines of the log are left out while too much is held. */
  send(message: Exclude<Message, { class: 'alert' }>): void {
    if (message.class === 'log' && this.#held.length >= mostHeld) return;
    this.#put(encodeMessage(message));
  }

  /** Puts what is not acknowledged on disk, with what is to be said of those dropped. */
  save(): void {
    if (this.#kept === undefined) return;
    this.#tellDropped();
    this.#kept.save();
  }

  /** Resolves once the agent has acknowledged everything, after `longestMs` at the latest. */
  async settled(longestMs: number): Promise<void> {
    await this.#kept?.settled(longestMs);
  }

  /** Notices that too much is held, and that there is room again. */
  #look(): void {
    const { count, bytes } = this.#kept ?? { count: this.#held.length, bytes: this.#heldBytes };
    const bound = this.#isFull ? takenAgain : 1;
    this.#isFull = count >= mostHeld * bound || bytes >= mostBytes * bound;
    if (!this.#isFull) this.#tellDropped();
  }

  #tellDropped(): void {
    const dropped = this.dropped - this.#saidDropped;
    if (dropped === 0) return;
    this.#saidDropped = this.dropped;
    const alerts = dropped === 1 ? 'alert was' : 'alerts were';
    const message = `${dropped} ${alerts} dropped here: the agent did not take them in time`;
    this.#tell({ message, fields: { dropped }, time: new Date().toISOString(), dropped });
  }

  #tell(parameters: AlertParameters): void {
    this.#put(this.#kept?.add(parameters) ?? encodeMessage({ class: 'alert', parameters }));
  }

  #put(line: string): void {
    if (this.#isBlocked) {
      this.#held.push(line);
      this.#heldBytes += Buffer.byteLength(line);
    } else this.#write(line);
  }

  #write(line: string): void {
    this.#isBlocked = !this.#output.write(line);
  }

  #flush(): void {
    this.#isBlocked = false;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    if (held.length > 0) this.#write(held.join(''));
    this.#look();
  }
}
