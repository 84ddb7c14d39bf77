/** Measures MQTT packets in a stream of bytes before anybody collects them (MQTT 3.1.1, section 2.2). */

/** PUBLISH, section 2.2.1. */
const publish = 3;

/** Longest packet that is not a PUBLISH, in bytes: a SUBSCRIBE with some filters, a CONNECT with its will. */
const longestOther = 64 * 1024;

export class PacketGauge {
  readonly #longestPublish: number;
  #kind = 0;
  /** Bytes of the packet that are still to come; undefined while its length is being read. */
  #left: number | undefined = 0;
  #length = 0;
  #digits = 0;

  /** A PUBLISH may have `longestPublish` bytes after its fixed header. */
  constructor(longestPublish: number) {
    this.#longestPublish = longestPublish;
  }

  /** Takes the next bytes. Gives what is wrong with them: a packet that is longer than it may be, or has no length. */
  look(chunk: Uint8Array): string | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) {
        this.#kind = chunk[at++]! >> 4;
        [this.#left, this.#length, this.#digits] = [undefined, 0, 0];
      } else if (this.#left === undefined) {
        const digit = chunk[at++]!;
        this.#length += (digit & 0x7f) * 128 ** this.#digits++;
        if ((digit & 0x80) === 0) this.#left = this.#length;
        else if (this.#digits === 4) return 'a packet with a length of more than four digits';
        const longest = this.#kind === publish ? this.#longestPublish : longestOther;
        if (this.#length > longest) return `a packet of ${this.#length} bytes or more, at most ${longest} are taken`;
      } else {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
      }
    }
    return undefined;
  }
}
