/** Paths of sockets. */

/** Longest path of a socket, in bytes (unix(7): 108 with the zero at its end). */
const longestPath = 107;

/** Throws an Error for a path that is too long: what would be made is another one, cut short. */
export function checkSocketPath(path: string): void {
  if (Buffer.byteLength(path) <= longestPath) return;
  throw new Error(`${path}: expected a path of at most ${longestPath} bytes for a socket: choose another --state-dir`);
}
