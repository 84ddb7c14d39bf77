/** Syslog over UDP (RFC 5426): a message a datagram. Nobody says what has arrived. */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { Refusal } from './destination.ts';

export class SyslogDatagrams {
  readonly #server: { readonly host: string; readonly port: number };
  #socket: Socket | undefined;

  constructor(server: { readonly host: string; readonly port: number }) {
    this.#server = server;
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    const socket = this.#socket ?? (await this.#open());
    for (const message of messages) {
      await new Promise<void>((resolve, reject) => {
        socket.send(message, (error) => (error === null ? resolve() : reject(explain(error))));
      });
    }
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** A connected socket: so the system tells when nobody listens there (ICMP). */
  async #open(): Promise<Socket> {
    const { host, port } = this.#server;
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, address, () => resolve());
    });
    socket.on('error', () => void this.close());
    this.#socket = socket;
    return socket;
  }
}

function explain(error: NodeJS.ErrnoException): Error {
  return error.code === 'EMSGSIZE' ? new Refusal('the message is too long for a datagram') : error;
}
