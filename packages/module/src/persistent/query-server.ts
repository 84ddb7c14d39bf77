/** The socket of an instance: each connection asks one question and gets one result. Only the owner may connect. */
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { checkFindings } from '../contract/check-elements.ts';
import { decodeMessage } from '../contract/messages.ts';
import type { AnyPersistentModule, Instance } from '../contract/persistent-module.ts';
import { encodeResult, failure, type Result } from '../contract/result.ts';
import { validateParameters } from '../contract/validation.ts';
import { firstLine } from './first-line.ts';

/** Longest that a connection may take to ask. */
const patienceMs = 30_000;

export class QueryServer {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(answer: (line: string, signal: AbortSignal) => Promise<Result>) {
    this.#server = createServer((socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
      void serve(socket, answer);
    });
  }

  /** Listens at `path`: a stale socket is replaced. */
  static async listen(
    path: string,
    module: AnyPersistentModule,
    instance: Instance<unknown, unknown, unknown>,
  ): Promise<QueryServer> {
    const queries = new QueryServer((line, signal) => answerQuery(module, instance, line, signal));
    // Under an agent the directory is there, and this process may write to nothing but the socket.
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    const umask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        queries.#server.once('error', reject);
        queries.#server.listen(path, resolve);
      });
      chmodSync(path, 0o600);
    } finally {
      process.umask(umask);
    }
    return queries;
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function serve(socket: Socket, answer: (line: string, signal: AbortSignal) => Promise<Result>): Promise<void> {
  const gone = new AbortController();
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on('close', () => gone.abort(new Error('whoever asked has gone')));
  try {
    const line = await firstLine(socket);
    if (line === undefined) return;
    socket.setTimeout(0);
    socket.end(`${encodeResult(await answer(line, gone.signal))}\n`);
  } catch {
    socket.destroy();
  }
}

/** Answers one question. Never throws: a failure is a result too. */
export async function answerQuery(
  module: AnyPersistentModule,
  instance: Instance<unknown, unknown, unknown>,
  line: string,
  signal: AbortSignal,
): Promise<Result> {
  const errors: string[] = [];
  try {
    const message = decodeMessage(line);
    if (message.class !== 'parameters') {
      throw new Error(`expected a message of class parameters, got class ${message.class}`);
    }
    const parameters = validateParameters(module, message.parameters);
    const findings = await instance.query({ parameters, signal, warn: (text) => void errors.push(text) });
    return { ...checkFindings(module, findings), success: true, errors: errors.length > 0 ? errors : null };
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}
