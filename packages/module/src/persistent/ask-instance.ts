/** Asks the instance of a persistent module that runs, through its socket: one message there, one result back. */
import { connect, type Socket } from 'node:net';
import type { Findings, RunContext } from '../contract/define-module.ts';
import { encodeMessage } from '../contract/messages.ts';
import { Result } from '../contract/result.ts';
import { firstLine } from './first-line.ts';

/** Gives the findings of the instance of `name`. Throws when none runs, and what the instance failed with. */
export async function askInstance(name: string, context: RunContext<unknown>): Promise<Findings<unknown, unknown>> {
  const { parameters, persistsock, signal, warn } = context;
  if (persistsock === undefined) {
    throw new Error(
      `module ${name} stays with the agent: expected the path of its socket in the message (persistsock), got none; ask through the agent`,
    );
  }
  const socket = await open(name, persistsock);
  const leave = () => socket.destroy();
  signal.addEventListener('abort', leave, { once: true });
  try {
    socket.write(encodeMessage({ class: 'parameters', parameters }));
    const line = await firstLine(socket);
    if (line === undefined) throw new Error(`module ${name} ended before it answered: ask again in a moment`);
    const { success, foundanything, elements, statistics, errors } = Result.parse(JSON.parse(line));
    if (!success) throw new Error(errors?.join('; ') ?? `module ${name} failed without a reason`);
    for (const error of errors ?? []) warn(error);
    return { foundanything, elements, statistics };
  } finally {
    signal.removeEventListener('abort', leave);
    socket.destroy();
  }
}

function open(name: string, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', (cause) =>
      reject(new Error(`module ${name} does not run: nobody listens on ${path} (${cause.message})`, { cause })),
    );
  });
}
