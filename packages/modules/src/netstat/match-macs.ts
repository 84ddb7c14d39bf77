/** Which patterns match which MAC addresses, whatever the case. */
import type { RunContext } from '@mig/module';
import { compile } from '@mig/regexp';

/**
 * Gives the patterns that match each of `macs`. One pattern after the other, since each takes some 40 KB once it has
 * judged something, and there may be thousands; `breathe` is called between them.
 */
export async function matchMacs(
  patterns: readonly string[],
  macs: Iterable<string>,
  { breathe }: Pick<RunContext<unknown>, 'breathe'>,
): Promise<(mac: string) => readonly string[]> {
  const matching = new Map([...macs].map((mac) => [mac, [] as string[]]));
  for (const pattern of new Set(patterns)) {
    const pause = breathe();
    if (pause) await pause;
    const regexp = compile(`(?i:${pattern})`);
    for (const [mac, found] of matching) if (regexp.test(mac)) found.push(pattern);
  }
  return (mac) => matching.get(mac) ?? [];
}
