/** Runs the searches of the file module: walk, judge, and the answer in order. */
import { type Findings, formatDuration, type RunContext } from '@mig/module';
import type { Elements, Hit, Statistics } from './file.ts';
import type { FilterName, Parameters, Search } from './file-parameters.ts';
import { gather } from './gather.ts';
import { errorLimit, type Kept, type Match } from './gathered.ts';
import { matchSha256 } from './match-sha256.ts';
import type { SearchPlan } from './search-plan.ts';

export async function runSearches(context: RunContext<Parameters>): Promise<Findings<Elements, Statistics>> {
  const started = process.hrtime.bigint();
  const { plans, gathered } = await gather(context, context.parameters.searches);
  const { filescount, openfailed, matches } = gathered;
  const elements: [string, Hit[]][] = [];
  for (const plan of plans) elements.push([plan.label, await hitsOf(plan, matches[plan.number]!, context)]);
  warnOf(plans, gathered.errors, context);
  const totalhits = matches.reduce((sum, { total }) => sum + total, 0);
  const exectime = formatDuration(Number((process.hrtime.bigint() - started) / 1000n) / 1000);
  return {
    foundanything: totalhits > 0,
    elements: Object.fromEntries(elements),
    statistics: { filescount, openfailed, totalhits, exectime },
  };
}

async function hitsOf(
  plan: SearchPlan,
  { items, total }: Kept<Match>,
  context: RunContext<Parameters>,
): Promise<Hit[]> {
  const { label, options } = plan;
  if (items.length < total && options.matchlimit === 0) {
    throw new Error(
      `search '${label}': ${total} matches, more than a result can hold: set its matchlimit, or ask a narrower question`,
    );
  }
  if (items.length < total) {
    context.warn(
      `search '${label}': ${total} matches, more than its matchlimit: the first ${items.length} by path are returned`,
    );
  }
  const hits: Hit[] = [];
  for (const match of items) {
    const sha256 = options.returnsha256 ? await matchSha256(match, context) : undefined;
    hits.push(toHit(plan, match, sha256));
  }
  return hits;
}

const lists: Readonly<Record<FilterName, Exclude<keyof Search & keyof Hit['search'], 'options' | 'paths'>>> = {
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

function toHit(plan: SearchPlan, { path, size, mode, mtimeMs, filter }: Match, sha256: string | undefined): Hit {
  const lastmodified = new Date(mtimeMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const hit = { file: path, search: matchedPart(plan, filter), fileinfo: { size, mode, lastmodified } };
  return sha256 === undefined ? hit : { ...hit, sha256 };
}

/** The search with the filters that matched: all of them, or the one of the number `filter`. */
function matchedPart({ search, options, filters }: SearchPlan, filter: number | undefined): Hit['search'] {
  const { paths } = search;
  if (filter !== undefined) {
    const { kind, value } = filters[filter]!;
    return { paths, [lists[kind]]: [value], options };
  }
  const all = Object.values(lists).flatMap((list) => (search[list].length > 0 ? [[list, search[list]] as const] : []));
  return { paths, ...Object.fromEntries(all), options };
}

/** Soft errors in order; those over the largest maxerrors are counted. */
function warnOf(plans: readonly SearchPlan[], { items, total }: Kept<string>, { warn }: RunContext<Parameters>): void {
  for (const error of items) warn(error);
  if (total > items.length) {
    warn(`${total - items.length} more errors were left out: maxerrors is ${errorLimit(plans) ?? items.length}`);
  }
}
