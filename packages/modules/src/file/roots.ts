/** Where a walk starts: every path that a search names, once, with all searches that hold there. */
import { lstatSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Scope } from './scope.ts';
import type { SearchPlan } from './search-plan.ts';

export interface Root {
  readonly path: string;
  /** The searches that judge the path itself. */
  readonly judged: Scope;
  /** The searches that go on below it. */
  readonly entered: Scope;
}

type Depths = ReadonlyMap<SearchPlan, number>;

/**
 * The roots of `plans`, shortest path first. A root below another one is walked by itself, with the searches of the
 * other that reach it: the walk of the other does not enter it again. `mounts` are not entered without remotefs.
 */
export function findRoots(plans: readonly SearchPlan[], mounts: ReadonlyMap<string, string>): readonly Root[] {
  const own = new Map<string, Map<SearchPlan, number>>();
  for (const plan of plans) {
    for (const path of plan.search.paths.map((given) => resolve(given))) {
      const depth = plan.options.maxdepth === 0 ? Infinity : plan.options.maxdepth;
      own.set(path, (own.get(path) ?? new Map<SearchPlan, number>()).set(plan, depth));
    }
  }
  const paths = [...own.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return paths.map((path) => {
    const mine = own.get(path)!;
    const fromAbove = reaching(path, own, mounts);
    // A walk from above does not go through a link; the search that names the link does.
    const isLink = lookAt(path)?.isSymbolicLink() ?? false;
    const isMount = mounts.has(path);
    const entered = [...fromAbove].filter(([plan, left]) => left > 0 && !isLink && (!isMount || plan.options.remotefs));
    return { path, judged: scopeOf(mine, [...fromAbove]), entered: scopeOf(mine, entered) };
  });
}

/** The searches of the roots above `root` that come to it, with the levels that they then have left. */
function reaching(root: string, own: ReadonlyMap<string, Depths>, mounts: ReadonlyMap<string, string>): Depths {
  const left = new Map<SearchPlan, number>();
  let levels = 0;
  let isBehindMount = false;
  for (let path = root; path !== dirname(path); ) {
    if (levels > 0 && !lookAt(path)?.isDirectory()) break;
    if (levels > 0 && mounts.has(path)) isBehindMount = true;
    path = dirname(path);
    levels++;
    for (const [plan, depth] of own.get(path) ?? []) {
      const isReaching = depth >= levels && (!isBehindMount || plan.options.remotefs);
      if (isReaching) left.set(plan, Math.max(left.get(plan) ?? 0, depth - levels));
    }
  }
  return left;
}

function scopeOf(mine: Depths, others: readonly (readonly [SearchPlan, number])[]): Scope {
  const left = new Map(mine);
  for (const [plan, depth] of others) left.set(plan, Math.max(left.get(plan) ?? 0, depth));
  return new Scope([...left].map(([plan, depth]) => ({ plan, left: depth })));
}

/** What lies at `path`; undefined when that cannot be told: the walk will say why. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
