/** Answers RabbitMQ's questions over HTTP. Whatever goes wrong is a refusal. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrokerIdentity } from '../broker/identity.ts';
import { type Question, refuseQuestion, userOf } from './refuse-question.ts';

export interface AuthorizerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly fleet: string;
  /** Why an agent is not let in at all; undefined when it is. Asked when a client connects. */
  readonly admit: (identity: BrokerIdentity) => Promise<string | undefined> | undefined;
  /** Hears of every refusal. */
  readonly log: (message: string) => void;
}

export interface Authorizer {
  readonly port: number;
  close(): Promise<void>;
}

/** Longest question, in bytes. A topic has at most 64 KiB. */
const longestQuestion = 200_000;

/** Listens; resolves once it does. Rejects when it cannot. */
export async function startAuthorizer({ host, port, fleet, admit, log }: AuthorizerOptions): Promise<Authorizer> {
  async function refusalOf(path: string, question: Question): Promise<string | undefined> {
    const identity = userOf(question);
    if (identity === undefined) return 'it is nobody of this fleet';
    return refuseQuestion(identity, fleet, path, question) ?? (path === '/user' ? await admit(identity) : undefined);
  }
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    read(request)
      .then(async (question) => {
        const refusal = request.method === 'POST' ? await refusalOf(path, question) : 'expected POST';
        if (refusal !== undefined) log(`RabbitMQ: ${question['username'] ?? 'a client'}: ${refusal}`);
        response.end(refusal === undefined ? 'allow' : 'deny');
      })
      .catch((error: Error) => {
        log(`RabbitMQ: a question was not answered, and so refused: ${error.message}`);
        response.end('deny');
      });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Question> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestQuestion) throw new Error(`it has more than ${longestQuestion} characters`);
  }
  return Object.fromEntries(new URLSearchParams(text));
}
