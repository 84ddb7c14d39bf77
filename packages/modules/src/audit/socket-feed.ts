/** Reads auditd's af_unix plugin: a line a record. When auditd starts anew, so does the connection. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const againMs = 1_000;

export class SocketFeed {
  isConnected = false;
  /** How often the connection ended. */
  interruptions = 0;
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  readonly #log: (message: string) => void;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  private constructor(path: string, onLine: (line: string) => void, log: (message: string) => void) {
    this.#path = path;
    this.#onLine = onLine;
    this.#log = log;
  }

  /** Throws the error of connect(2) where nobody listens. */
  static async open(path: string, onLine: (line: string) => void, log: (message: string) => void): Promise<SocketFeed> {
    const feed = new SocketFeed(path, onLine, log);
    await feed.#connect();
    return feed;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  async #connect(): Promise<void> {
    const socket = connect(this.#path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => {});
    this.#socket = socket;
    this.isConnected = true;
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', this.#onLine);
    socket.on('close', () => {
      this.isConnected = false;
      if (this.#isStopped) return;
      this.interruptions++;
      this.#log(`auditd closed ${this.#path}; connecting again`);
      this.#again();
    });
  }

  #again(): void {
    this.#timer = setTimeout(() => {
      this.#connect().then(
        () => this.#log(`connected to ${this.#path} again`),
        () => this.#isStopped || this.#again(),
      );
    }, againMs);
  }
}
