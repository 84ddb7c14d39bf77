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
  const { gather } = await import('./file/gather.ts');
  const { plans, gathered } = await gather(context, unlimited(searches));
  const { items, total } = gathered.errors;
  for (const error of items) context.warn(error);
  if (total > items.length) context.warn(`${total - items.length} more errors were left out`);
  return new Map(
    plans.map(({ label, number }) => {
      const files = new Map<string, FoundFile>();
      for (const { path, place, size } of gathered.matches[number]!.items) {
        if (place !== undefined) files.set(path, { path, place, sizeBytes: size });
      }
      return [label, [...files.values()]];
    }),
  );
}

/** What is found is not returned: there is no limit to it. */
function unlimited(searches: Parameters['searches']): Parameters['searches'] {
  const limits = { matchlimit: Number.MAX_SAFE_INTEGER, maxerrors: mostErrors };
  return Object.fromEntries(
    Object.entries(searches).map(([label, search]) => [
      label,
      { ...search, options: { ...search.options, ...limits } },
    ]),
  );
}
