/**
 * Cuts mappings into what must be read and what is known to be zero: anonymous pages that were never touched. Reading
 * those would cost the process page tables, and a reservation of terabytes an eternity.
 */
import { readSync } from 'node:fs';
import type { Mapping } from './mappings.ts';

/** Consecutive addresses that are all to be read, or all known to be zero. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly isZero: boolean;
}

/** Anonymous mappings below this size are read as they are: asking what was touched would cost as much. */
const worthAsking = 1 << 20;
/** Untouched pages between touched ones are read along up to this number: fewer calls. */
const bridgedPages = 16;
/** Bytes of a page's entry in /proc/PID/pagemap, whose two highest bits say present and swapped (proc(5)). */
const entryBytes = 8;

/**
 * Yields the runs of `mappings` in the order of addresses, neighbours of one kind merged. `pagemap` is an open
 * /proc/PID/pagemap; undefined reads everything.
 */
export function* touchedRuns(
  mappings: readonly Mapping[],
  pagemap: number | undefined,
  pageBytes: number,
): Generator<Run> {
  let last: Run | undefined;
  for (const mapping of mappings) {
    const isAsked = pagemap !== undefined && mapping.isAnonymous && mapping.end - mapping.start >= worthAsking;
    const runs = isAsked ? runsOf(mapping, pagemap, pageBytes) : [{ ...bounds(mapping), isZero: false }];
    for (const run of runs) {
      if (last !== undefined && last.end === run.start && last.isZero === run.isZero) {
        last = { ...last, end: run.end };
      } else {
        if (last !== undefined) yield last;
        last = run;
      }
    }
  }
  if (last !== undefined) yield last;
}

function bounds({ start, end }: Mapping): { start: number; end: number } {
  return { start, end };
}

function* runsOf({ start, end }: Mapping, pagemap: number, pageBytes: number): Generator<Run> {
  const entries = Buffer.allocUnsafeSlow(65_536);
  let isZero: boolean | undefined;
  let begun = start;
  let lastTouched = start;
  for (let at = start; at < end; ) {
    const wanted = Math.min(entries.length, ((end - at) / pageBytes) * entryBytes);
    const count = readEntries(pagemap, entries, wanted, (at / pageBytes) * entryBytes);
    if (count === 0) return yield { start: begun, end, isZero: false };
    for (let entry = 0; entry < count; entry += entryBytes, at += pageBytes) {
      const isTouched = entries[entry + entryBytes - 1]! >= 0x40;
      if (isTouched) lastTouched = at + pageBytes;
      isZero ??= !isTouched;
      if (isZero && isTouched) {
        yield { start: begun, end: at, isZero: true };
        begun = at;
        isZero = false;
      } else if (!isZero && at + pageBytes - lastTouched > bridgedPages * pageBytes) {
        yield { start: begun, end: lastTouched, isZero: false };
        begun = lastTouched;
        isZero = true;
      }
    }
  }
  if (begun < end) yield { start: begun, end, isZero: isZero ?? false };
}

/** Bytes read, a whole number of entries; 0 where the kernel does not tell. */
function readEntries(pagemap: number, into: Buffer, length: number, position: number): number {
  try {
    const count = readSync(pagemap, into, 0, length, position);
    return count - (count % entryBytes);
  } catch {
    return 0;
  }
}
