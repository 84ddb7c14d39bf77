/** Where a walk starts: every path that a search names, once, with all searches that hold there. */
import { lstatSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Scope } from './scope.ts';
import type { SearchPlan } from './search-plan.ts';

/**
 * The roots of `plans` with their scopes. A root below another one is walked by itself, with the searches of the other
 * that reach it: the walk of the other does not enter it again.
 */
export function findRoots(plans: readonly SearchPlan[]): ReadonlyMap<string, Scope> {
  const own = new Map<string, Map<SearchPlan, number>>();
  for (const plan of plans) {
    for (const path of plan.search.paths.map((given) => resolve(given))) {
      const depth = plan.options.maxdepth === 0 ? Infinity : plan.options.maxdepth;
      own.set(path, (own.get(path) ?? new Map<SearchPlan, number>()).set(plan, depth));
    }
  }
  const roots = [...own.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return new Map(roots.map((root) => [root, new Scope(entriesOf(root, own))]));
}

function entriesOf(root: string, own: ReadonlyMap<string, ReadonlyMap<SearchPlan, number>>) {
  const left = new Map(own.get(root)!);
  let levels = 0;
  for (let path = root; path !== dirname(path); ) {
    // A walk from above comes here only through real directories.
    if (levels > 0 && !isDirectory(path)) break;
    if (levels === 0 && isLink(path)) break;
    path = dirname(path);
    levels++;
    for (const [plan, depth] of own.get(path) ?? []) {
      if (depth - levels >= 0) left.set(plan, Math.max(left.get(plan) ?? 0, depth - levels));
    }
  }
  return [...left].map(([plan, depth]) => ({ plan, left: depth }));
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
