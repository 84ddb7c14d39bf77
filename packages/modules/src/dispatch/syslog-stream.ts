/**
 * Syslog over TCP with octet counting (RFC 6587, section 3.4.1) and over TLS (RFC 5425). The protocol has no
 * acknowledgement: a message counts as sent when the system has taken it. What was written within a second before a
 * connection ends may not have been read: it is sent again on the next one.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { formatDuration } from '@mig/module';
import { readTlsFiles, type TlsFiles } from './tls-files.ts';

/** How long before the end of a connection messages are taken for unread. */
const unreadMs = 1_000;

interface Written {
  readonly at: number;
  readonly frame: Buffer;
}

export class SyslogStream {
  readonly #server: { readonly host: string; readonly port: number };
  readonly #timeoutMs: number;
  readonly #tls: TlsFiles | undefined;
  #socket: Socket | undefined;
  #written: Written[] = [];

  constructor(server: { readonly host: string; readonly port: number }, timeoutMs: number, tls: TlsFiles | undefined) {
    this.#server = server;
    this.#timeoutMs = timeoutMs;
    this.#tls = tls;
  }

  async send(messages: readonly Buffer[], signal: AbortSignal): Promise<void> {
    if (this.#socket === undefined) {
      this.#socket = await this.#connect(signal);
      if (this.#written.length > 0)
        await this.#write(
          this.#socket,
          this.#written.map(({ frame }) => frame),
          signal,
        );
    }
    const frames = messages.map((message) => Buffer.concat([Buffer.from(`${message.length} `), message]));
    await this.#write(this.#socket, frames, signal);
    const at = performance.now();
    this.#forget(at);
    for (const frame of frames) this.#written.push({ at, frame });
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.end();
      setTimeout(() => socket.destroy(), 500).unref();
    });
  }

  #forget(now: number): void {
    const firstKept = this.#written.findIndex(({ at }) => at > now - unreadMs);
    this.#written.splice(0, firstKept === -1 ? this.#written.length : firstKept);
  }

  #connect(signal: AbortSignal): Promise<Socket> {
    const { host, port } = this.#server;
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      this.#tls === undefined
        ? connectPlain({ host, port })
        : connectTls({ host, port, ...servername, ...readTlsFiles(this.#tls) });
    socket.setKeepAlive(true, 30_000);
    socket.resume();
    // A server has nothing to say: the end of what it says is the end of the connection.
    socket.on('end', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#forget(performance.now());
    });
    return this.#inTime(socket, 'no connection', signal, (resolve) =>
      socket.once(this.#tls === undefined ? 'connect' : 'secureConnect', () => resolve(socket)),
    );
  }

  #write(socket: Socket, frames: readonly Buffer[], signal: AbortSignal): Promise<void> {
    // A write that fails ends the connection, and that tells the reason. Node calls back without an error for a write
    // that was under way when the connection was given up.
    return this.#inTime(socket, 'the server reads nothing', signal, (resolve) =>
      socket.write(Buffer.concat(frames), (error) => (error || socket.destroyed ? undefined : resolve())),
    );
  }

  /** Does `start`, which must end in time and before the connection does; else the connection is given up. */
  async #inTime<T>(
    socket: Socket,
    failure: string,
    signal: AbortSignal,
    start: (resolve: (value: T) => void) => void,
  ): Promise<T> {
    signal.throwIfAborted();
    if (socket.destroyed) throw new Error('the connection ended');
    const message = `${failure} within ${formatDuration(this.#timeoutMs)}`;
    const late = setTimeout(() => socket.destroy(new Error(message)), this.#timeoutMs);
    const abort = () => socket.destroy(new Error('stopped'));
    let reason = new Error('the connection ended');
    const keepReason = (error: Error) => {
      reason = error;
    };
    let fail = () => {};
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', keepReason);
    try {
      return await new Promise<T>((resolve, reject) => {
        fail = () => reject(reason);
        socket.once('close', fail);
        start(resolve);
      });
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
      socket.off('error', keepReason).off('close', fail);
    }
  }
}
