/** The socket of the local administrator: made so that from its first moment nobody but its owner can open it. */
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';

/** Lets `server` listen at `path`; gives the way to end that. Throws when another server listens there. */
export async function openAdminSocket(server: Server, path: string): Promise<() => Promise<void>> {
  await removeLeftOver(path);
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // The socket is made before this call returns, under the mask that is set.
      server.listen({ path }, resolve);
      process.umask(mask);
    });
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600);
  return async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

/** A server that was killed leaves its socket behind. Anything else that is there is left alone. */
async function removeLeftOver(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is there and no socket: remove it, or set another path`);
  const isUsed = await new Promise<boolean>((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (isUsed) throw new Error(`${path} is the socket of a server that runs: stop it first`);
  rmSync(path);
}
