/** Walks for all searches at once, and gathers what they match. What other modules start from as well. */
import type { Search } from './file-parameters.ts';
import type { Gathered } from './gathered.ts';
import { Judge } from './judge.ts';
import { skippedMounts } from './mounts.ts';
import { Places } from './places.ts';
import { findRoots } from './roots.ts';
import { planSearches, type SearchPlan } from './search-plan.ts';
import { type WalkContext, workTogether } from './shared-walk.ts';
import { Walk } from './walk.ts';

/** Gives what was gathered, with the plans that it counts by. Throws when the patterns are too large together. */
export async function gather(
  context: WalkContext,
  searches: Readonly<Record<string, Search>>,
): Promise<{ readonly plans: readonly SearchPlan[]; readonly gathered: Gathered }> {
  const nowMs = Date.now();
  const plans = planSearches(searches, nowMs);
  await makeReady(plans, context);
  const mounts = skippedMounts();
  const starts = findRoots(plans, mounts);
  const roots = new Set(starts.map(({ path }) => path));
  const places = new Places({ roots, mounts });
  const judge = new Judge(plans, places, context.breathe);
  const walk = new Walk(judge, places, context.breathe);
  for (const start of starts) await walk.addRoot(start);
  const other = await workTogether(walk, context, { searches, nowMs, roots, mounts }, plans);
  if (other !== undefined) judge.addAll(other);
  return { plans, gathered: judge.gathered };
}

/** So many names get their automata when a file first asks for them, if one does. */
const fewNames = 16;

/**
 * A regular expression gets its automaton at its first test, some half a millisecond each: thousands of them would not
 * let a stop message in, were they all made for the first file.
 */
async function makeReady(plans: readonly SearchPlan[], { breathe }: WalkContext): Promise<void> {
  const names = plans.flatMap((plan) => plan.names);
  if (names.length <= fewNames) return;
  for (const name of names) {
    const pause = breathe();
    if (pause) await pause;
    name.prepare();
  }
}
