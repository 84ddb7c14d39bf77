/** What was typed in earlier sessions: a file of the investigator's own. */
import { readFileSync } from 'node:fs';
import { writePrivateFile } from '../../settings/private-file.ts';

/** Reads the lines, the newest first; none where there is no file yet. */
export function readHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** Keeps the lines, readable by their owner only. A history that cannot be written is no reason to stop. */
export function writeHistory(file: string, lines: readonly string[]): void {
  try {
    writePrivateFile(file, `${lines.join('\n')}\n`);
  } catch {
    // The session goes on without.
  }
}
