/** The SHA256 of a file that matched: of its bytes as they lie there, also where a search looked into gzip. */
import { closeSync } from 'node:fs';
import type { RunContext } from '@mig/module';
import { beginReading, openFile, readOn, readPiece } from './content-reader.ts';
import type { Match } from './gathered.ts';

const reading = { scan: undefined, algorithms: ['sha256'] } as const;

/** Gives the hash in hexadecimal; undefined for what is no file, and with a soft error where it cannot be read. */
export async function matchSha256(match: Match, context: RunContext<unknown>): Promise<string | undefined> {
  if (match.place === undefined) return undefined;
  try {
    const fd = openFile(match.place, match.mode.startsWith('L'));
    try {
      const room = beginReading(reading);
      const count = readPiece(fd, room, 0);
      const hashes = await readOn(fd, reading, room, count, { isMadeUp: match.size === 0, breathe: context.breathe });
      return hashes['sha256'];
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.warn(
      `${match.path}: its sha256 could not be made: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
