/** Targets by name: those that come with the platform, and the investigator's own. */
import type { Macro } from '@mig/api';
import { TargetError } from './target-error.ts';

/** Targets of the platform. `local` is the machine of whoever asks. */
export const shippedMacros: readonly Macro[] = [
  { name: 'all', target: 'true', shipped: true },
  { name: 'online', target: "status = 'online'", shipped: true },
  { name: 'idle', target: "status = 'idle'", shipped: true },
  { name: 'offline', target: "status = 'offline'", shipped: true },
  { name: 'local', target: 'name = <name of the machine that asks>', shipped: true },
];

/** What a target is narrowed by: agents that found something in an action, or answered it and found nothing. */
export interface Narrowing {
  readonly found?: readonly string[] | undefined;
  readonly notfound?: readonly string[] | undefined;
}

/**
 * Gives the condition that `target` stands for: the macro of that name, or itself, narrowed. Throws TargetError for
 * `local` without the name of a machine.
 */
export function expandTarget(
  target: string,
  own: readonly { readonly name: string; readonly target: string }[],
  { hostname, found = [], notfound = [] }: Narrowing & { readonly hostname?: string | undefined } = {},
): string {
  const condition = expandMacro(target.trim(), own, hostname);
  const narrowed = [...found.map((id) => `found('${id}')`), ...notfound.map((id) => `notfound('${id}')`)];
  return narrowed.length === 0 ? condition : [`(${condition})`, ...narrowed].join(' AND ');
}

function expandMacro(
  name: string,
  own: readonly { readonly name: string; readonly target: string }[],
  hostname: string | undefined,
): string {
  if (name === 'local') {
    if (hostname === undefined) throw new TargetError('local: expected the name of the machine that asks, got none');
    return `name = '${hostname.replaceAll("'", "''")}'`;
  }
  return [...shippedMacros, ...own].find((macro) => macro.name === name)?.target ?? name;
}
