/** The local socket of an agent, for its owner alone: whoever connects gets the status as one line of JSON. */
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { checkSocketPath } from '../state/socket-path.ts';
import { Status } from './status.ts';

/** Longest status that is read, in bytes. */
const longestStatus = 4 * 1024 * 1024;

/** Serves the status at `path` until it is closed. A socket that a crash left is replaced: the lock is held. */
export async function serveStatus(
  path: string,
  describe: () => Promise<Status>,
): Promise<{ readonly close: () => Promise<void> }> {
  checkSocketPath(path);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => {}); // Whoever asked has left.
    describe().then(
      (status) => socket.end(`${JSON.stringify(status)}\n`),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Asks the agent at `path`. Rejects with ENOENT or ECONNREFUSED when none runs, with EACCES when it is another's. */
export function askStatus(path: string): Promise<Status> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > longestStatus) socket.destroy(new Error('the status does not end'));
    });
    socket.on('end', () => {
      try {
        resolve(Status.parse(JSON.parse(text)));
      } catch (cause) {
        reject(new Error('the agent gave no status that this version understands', { cause }));
      }
    });
  });
}
