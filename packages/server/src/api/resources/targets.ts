/** Which agents a target selects. */
import { countTarget } from '@mig/api';
import { listMacros } from '../../database/macros.ts';
import { compileTarget } from '../../targeting/compile-target.ts';
import { expandTarget, type Narrowing } from '../../targeting/macros.ts';
import { countSelected } from '../../targeting/select-agents.ts';
import type { ApiContext, Caller } from '../api-context.ts';
import type { Router } from '../route.ts';

export function routeTargets({ context, on }: Router): void {
  on(countTarget, async ({ body: { target, ...narrowing }, caller }) => {
    const condition = await conditionOf(context, caller, target, narrowing);
    return { condition, ...(await countSelected(context.database.db, await compileTarget(condition))) };
  });
}

/** The condition that `target` stands for when `caller` says it. Throws TargetError. */
export async function conditionOf(
  { database }: ApiContext,
  { investigator }: Caller,
  target: string,
  narrowing: Narrowing & { readonly hostname?: string | undefined } = {},
): Promise<string> {
  const own = investigator === undefined ? [] : await listMacros(database.db, investigator.id);
  return expandTarget(target, own, narrowing);
}
