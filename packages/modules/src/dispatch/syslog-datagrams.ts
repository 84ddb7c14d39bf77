/** Syslog over UDP (RFC 5426): a message a datagram. Nobody says what has arrived. */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { Refusal } from './destination.ts';

/** A name may stand for another address by now: how long one is believed while sending seems to go well. */
const believedMs = 60_000;

/** What the carrier takes from the machine. */
interface Machine {
  readonly resolve: (host: string) => Promise<Address>;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

interface Address {
  readonly address: string;
  readonly family: number;
}

interface Opened extends Address {
  readonly socket: Socket;
}

export class SyslogDatagrams {
  readonly #server: { readonly host: string; readonly port: number };
  readonly #machine: Machine;
  #opened: Opened | undefined;
  #resolvedAt = 0;

  constructor(
    server: { readonly host: string; readonly port: number },
    machine: Machine = { resolve: lookup, now: () => performance.now() },
  ) {
    this.#server = server;
    this.#machine = machine;
  }

  /** Rejects when one cannot be sent; the next call resolves the host anew. */
  async send(messages: readonly Buffer[]): Promise<void> {
    const { socket } = await this.#current();
    try {
      for (const message of messages) {
        await new Promise<void>((resolve, reject) => {
          socket.send(message, (error) => (error === null ? resolve() : reject(explain(error))));
        });
      }
    } catch (error) {
      if (!(error instanceof Refusal)) this.#leave(socket);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#opened !== undefined) this.#leave(this.#opened.socket);
  }

  /** The socket to where the host is now: the one that is open, unless the name stands for another address. */
  async #current(): Promise<Opened> {
    const opened = this.#opened;
    const { now, resolve } = this.#machine;
    if (opened === undefined) return this.#open(await resolve(this.#server.host));
    if (now() - this.#resolvedAt < believedMs) return opened;
    // A name server that does not answer is no reason to send nothing: the address was good until now.
    const found = await resolve(this.#server.host).catch(() => opened);
    this.#resolvedAt = now();
    // It may have failed meanwhile.
    if (found.address === opened.address && this.#opened === opened) return opened;
    this.#leave(opened.socket);
    return this.#open(found);
  }

  /** A connected socket: so the system tells when nobody listens there (ICMP). */
  async #open({ address, family }: Address): Promise<Opened> {
    this.#resolvedAt = this.#machine.now();
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.connect(this.#server.port, address, () => resolve());
      });
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', () => this.#leave(socket));
    this.#opened = { socket, address, family };
    return this.#opened;
  }

  #leave(socket: Socket): void {
    if (this.#opened?.socket !== socket) return;
    this.#opened = undefined;
    socket.close();
  }
}

function explain(error: NodeJS.ErrnoException): Error {
  return error.code === 'EMSGSIZE' ? new Refusal('the message is too long for a datagram') : error;
}
