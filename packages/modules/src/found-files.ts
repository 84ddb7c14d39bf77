/** For modules that start from files: what searches of the file module find, ready to be opened. */
import type { RunContext } from '@mig/module';
import type { Parameters } from './file/file-parameters.ts';
import type { RawPath } from './file/raw-path.ts';

/** A regular file, or a link to one. */
export interface FoundFile {
  /** Its path for people. */
  readonly path: string;
  /** Its path for the system. */
  readonly place: RawPath;
  readonly sizeBytes: number;
}

/** Most soft errors of the walk that are passed on. */
const mostErrors = 30;

/**
 * Runs `searches` in the run of another module, whose needs must name threads. Gives the files of each search by its
 * label, each once, by path. What could not be read is warned of.
 */
export async function findFiles(
  context: RunContext<unknown>,
  searches: Parameters['searches'],
): Promise<ReadonlyMap<string, readonly FoundFile[]>> {
  const { gather } = await import('./file/run-searches.ts');
  // The place of a file comes along where its hash is asked for; `gather` itself makes no hash.
  const asked = Object.entries(searches).map(([label, search]) => [
    label,
    { ...search, options: { ...search.options, returnsha256: true } },
  ]);
  const { found, errors } = await gather({ ...context, parameters: { searches: Object.fromEntries(asked) } });
  const sorted = [...new Set(errors)].sort();
  for (const error of sorted.slice(0, mostErrors)) context.warn(error);
  if (sorted.length > mostErrors) context.warn(`${sorted.length - mostErrors} more errors were left out`);
  const files = new Map(Object.keys(searches).map((label) => [label, new Map<string, FoundFile>()]));
  for (const { label, path, toHash, size } of found) {
    if (toHash !== undefined) files.get(label)?.set(path, { path, place: toHash, sizeBytes: size });
  }
  return new Map([...files].map(([label, byPath]) => [label, [...byPath.values()].sort(inOrder)]));
}

function inOrder(a: FoundFile, b: FoundFile): number {
  return a.path < b.path ? -1 : 1;
}
