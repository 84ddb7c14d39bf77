/** Asks the instance of a persistent module that runs, through its socket: one message there, one result back. */
import { connect, type Socket } from 'node:net';
import type { Findings, RunContext } from '../contract/define-module.ts';
import { encodeMessage } from '../contract/messages.ts';
import { InstanceFailure } from '../contract/persistent-module.ts';
import { Result } from '../contract/result.ts';
import { firstLine } from './first-line.ts';

/** Gives the findings of the instance of `name`. Throws when none runs, and what the instance failed with. */
export async function askInstance(name: string, context: RunContext<unknown>): Promise<Findings<unknown, unknown>> {
  const { parameters, persistsock, signal, warn } = context;
  if (persistsock === undefined) {
    throw new InstanceFailure(
      `module ${name} stays with the agent: expected the path of its socket (persistsock), got none`,
    );
  }
  const socket = await open(name, persistsock);
  const leave = () => socket.destroy();
  signal.addEventListener('abort', leave, { once: true });
  try {
    socket.write(encodeMessage({ class: 'parameters', parameters }));
    const line = await firstLine(socket);
    if (line === undefined) throw new InstanceFailure(`module ${name} ended before it answered: ask again in a moment`);
    const { success, foundanything, elements, statistics, errors } = Result.parse(JSON.parse(line));
    if (!success) throw new InstanceFailure(errors?.join('; ') ?? `module ${name} failed without a reason`);
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
      reject(new InstanceFailure(`module ${name} ${whyNot(name, cause, path)}`, { cause })),
    );
  });
}

function whyNot(name: string, cause: NodeJS.ErrnoException, path: string): string {
  if (cause.code === 'EACCES') {
    return `cannot be asked: ${path} is another user's, ask as root or as the user of the agent`;
  }
  return `does not run: nobody listens on ${path} (${cause.code ?? cause.message}). An agent runs it where its owner has put a file modules/${name}.toml, be it empty, into its configuration directory; mig-agent status says why it does not. -state-dir DIR names an agent with another state directory`;
}
