/** Runs the searches of the file module: walk, judge, and the answer in order. */
import { type Findings, formatDuration, type RunContext } from '@mig/module';
import { hashFile } from '../hash-file.ts';
import type { Elements, Hit, Statistics } from './file.ts';
import type { FilterName, Parameters } from './file-parameters.ts';
import { type FoundFile, type Gathered, Judge } from './judge.ts';
import { skippedMounts } from './mounts.ts';
import { type RawPath, showPath } from './raw-path.ts';
import { findRoots } from './roots.ts';
import { planSearch, type SearchPlan } from './search-plan.ts';
import { workTogether } from './shared-walk.ts';
import { Walk } from './walk.ts';

export async function runSearches(context: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  const started = performance.now();
  const gathered = await gather(context);
  const elements: Record<string, Hit[]> = {};
  for (const [label, search] of Object.entries(context.parameters.searches)) {
    const { matchlimit } = search.options;
    const found = gathered.found.filter((one) => one.label === label).sort(byPath);
    const kept = matchlimit === 0 ? found : found.slice(0, matchlimit);
    if (kept.length < found.length) {
      context.warn(
        `search '${label}': ${found.length} matches, more than its matchlimit: the first ${kept.length} by path are returned`,
      );
    }
    elements[label] = [];
    for (const one of kept) elements[label].push(await toHit(one, context, search));
  }
  warnOf(gathered.errors, context);
  const { filescount, openfailed, found } = gathered;
  const exectime = formatDuration(Math.round((performance.now() - started) * 1000) / 1000);
  return {
    foundanything: found.length > 0,
    elements,
    statistics: { filescount, openfailed, totalhits: found.length, exectime },
  };
}

/** Walks for all searches at once. Exported for modules that start from files that a search finds. */
export async function gather(context: RunContext<Parameters>): Promise<Gathered> {
  const nowMs = Date.now();
  const { parameters } = context;
  const plans = Object.entries(parameters.searches).map(([label, search]) => planSearch(label, search, nowMs));
  const judge = new Judge(context.breathe);
  const roots = findRoots(plans);
  const settings = { roots: new Set(roots.keys()), mounts: skippedMounts() };
  const walk = new Walk(judge, settings, context.breathe);
  for (const [path, scope] of roots) await walk.addRoot(path, scope);
  const other = await workTogether(walk, context, { parameters, nowMs, ...settings }, plans);
  if (other === undefined) return judge.gathered;
  return {
    found: judge.gathered.found.concat(other.found),
    errors: judge.gathered.errors.concat(other.errors),
    filescount: judge.gathered.filescount + other.filescount,
    openfailed: judge.gathered.openfailed + other.openfailed,
  };
}

function byPath(a: FoundFile, b: FoundFile): number {
  const left = `${a.path}\0${a.filter?.kind ?? ''}\0${a.filter?.value ?? ''}`;
  const right = `${b.path}\0${b.filter?.kind ?? ''}\0${b.filter?.value ?? ''}`;
  return left < right ? -1 : left > right ? 1 : 0;
}

const listOf: Readonly<Record<FilterName, keyof Hit['search']>> = {
  name: 'names',
  size: 'sizes',
  mode: 'modes',
  mtime: 'mtimes',
  content: 'contents',
  md5: 'md5',
  sha1: 'sha1',
  sha2: 'sha2',
  sha3: 'sha3',
};

async function toHit(found: FoundFile, context: RunContext<Parameters>, search: SearchPlan['search']): Promise<Hit> {
  const lists = Object.values(listOf) as (keyof typeof search)[];
  const all = Object.fromEntries(
    lists.flatMap((list) => ((search[list] as string[]).length > 0 ? [[list, search[list]]] : [])),
  );
  const filters =
    found.filter === undefined
      ? search.options.matchall
        ? all
        : {}
      : { [listOf[found.filter.kind]]: [found.filter.value] };
  const sha256 = found.toHash === undefined ? undefined : await hashOf(found.toHash, context);
  return {
    file: found.path,
    search: { paths: search.paths, ...filters, options: search.options } as Hit['search'],
    fileinfo: {
      size: found.size,
      mode: found.mode,
      lastmodified: new Date(found.mtimeMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/** Soft errors in order, the same one once; those over the largest maxerrors are counted. */
function warnOf(errors: readonly string[], { parameters, warn }: RunContext<Parameters>): void {
  const limits = Object.values(parameters.searches).map(({ options }) => options.maxerrors);
  const limit = limits.includes(0) ? Infinity : Math.max(...limits);
  const sorted = [...errors].sort();
  for (const error of sorted.slice(0, limit)) warn(error);
  if (sorted.length > limit) warn(`${sorted.length - limit} more errors were left out: maxerrors is ${limit}`);
}

async function hashOf(path: RawPath, context: RunContext<Parameters>): Promise<string | undefined> {
  try {
    return await hashFile(path, 'sha256', context.breathe);
  } catch (error) {
    context.signal.throwIfAborted();
    context.warn(
      `${showPath(path)}: its sha256 could not be made: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
