/** Keeps out files that somebody else than the owner of the endpoint could have written. */
import type { Stats } from 'node:fs';

/** Throws for what another user could have written: it belongs to somebody else, or others than these may write to it. */
export function refuseForeign(path: string, { uid, gid, mode }: Stats): void {
  if (process.getuid === undefined) return;
  if (uid !== 0 && uid !== process.getuid()) {
    throw new Error(`${path} belongs to user ${uid}, expected root or the user of the agent: chown it`);
  }
  if ((mode & 0o002) !== 0) throw new Error(`${path} can be written to by everybody: chmod o-w it`);
  if ((mode & 0o020) !== 0 && gid !== 0 && gid !== process.getgid?.()) {
    throw new Error(
      `${path} can be written to by group ${gid}, expected the group of root or of the agent: chmod g-w it`,
    );
  }
}
