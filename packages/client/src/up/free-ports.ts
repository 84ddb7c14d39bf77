/** Ports that nobody listens on. */
import { createServer } from 'node:net';

/**
 * Gives a port for each of `wanted`: itself where it is free at `host`, else one that the system chooses. Throws when
 * `host` is no address of this machine.
 */
export async function freePorts(host: string, wanted: readonly number[]): Promise<number[]> {
  const held = await Promise.all(wanted.map((port) => hold(host, port)));
  await Promise.all(held.map(({ release }) => release()));
  return held.map(({ port }) => port);
}

async function hold(host: string, port: number): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (port !== 0 && (code === 'EADDRINUSE' || code === 'EACCES')) return hold(host, 0);
    throw new Error(`${host}: expected an address of this machine to listen on: ${message}`, { cause: error });
  }
  const address = server.address();
  const chosen = typeof address === 'object' && address !== null ? address.port : port;
  return { port: chosen, release: () => new Promise((resolve) => server.close(() => resolve())) };
}
