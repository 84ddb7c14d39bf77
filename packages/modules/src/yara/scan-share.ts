/** Scans files that several threads share: each takes the next one from a counter that all of them see. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { openFile } from '../file/content-reader.ts';
import type { FoundFile } from '../found-files.ts';
import type { Rules } from './engine.ts';
import type { Match } from './yara.ts';

/** Rules are about files as a whole: a larger one is not scanned, since a module's memory is limited. */
export const largestScanned = 256 * 1024 ** 2;

/** What one thread did. Plain data: threads send it. */
export interface Share {
  readonly matches: Match[];
  readonly errors: string[];
  filescount: number;
  bytesscanned: number;
}

/** Scans the files that `counter` (one cell) gives out, until none is left. */
export async function scanShare(
  rules: Rules,
  files: readonly FoundFile[],
  counter: Int32Array,
  afterEach: () => Promise<void> | undefined,
): Promise<Share> {
  const share: Share = { matches: [], errors: [], filescount: 0, bytesscanned: 0 };
  for (let at = Atomics.add(counter, 0, 1); at < files.length; at = Atomics.add(counter, 0, 1)) {
    scanFile(rules, files[at]!, share);
    const pause = afterEach();
    if (pause) await pause;
  }
  return share;
}

function scanFile(rules: Rules, file: FoundFile, share: Share): void {
  try {
    const data = readWhole(file);
    const names = rules.scan(data).map(({ ruleIdentifier }) => ruleIdentifier);
    share.filescount++;
    share.bytesscanned += data.length;
    if (names.length > 0) share.matches.push({ object: file.path, matchedrules: [...new Set(names)].sort() });
  } catch (error) {
    share.errors.push(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const small = Buffer.allocUnsafeSlow(1024 ** 2);

/** The bytes of a file as it is now, valid until the next call. Throws when it is too large, or no file any more. */
function readWhole({ place }: FoundFile): Buffer {
  const file = openFile(place, true);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error('it is no regular file any more, and was not scanned');
    if (stats.size > largestScanned) {
      throw new Error(`it has ${stats.size} bytes, more than the ${largestScanned} that can be scanned`);
    }
    const data = stats.size <= small.length ? small.subarray(0, stats.size) : Buffer.allocUnsafeSlow(stats.size);
    let filled = 0;
    while (filled < data.length) {
      const count = readSync(file, data, filled, data.length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return data.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}
