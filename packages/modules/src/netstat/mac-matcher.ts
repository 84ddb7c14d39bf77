/** Which patterns match a MAC address, whatever the case. */
import type { RunContext } from '@mig/module';
import { compile } from '@mig/regexp';

export type MacMatcher = (mac: string) => Promise<readonly string[]>;

/** There may be thousands of patterns: `breathe` is called between them. */
export function createMacMatcher(
  patterns: readonly string[],
  { breathe }: Pick<RunContext<unknown>, 'breathe'>,
): MacMatcher {
  const regexps = patterns.map((pattern) => ({ pattern, regexp: compile(`(?i:${pattern})`) }));
  return async (mac) => {
    const matching: string[] = [];
    for (const { pattern, regexp } of regexps) {
      const pause = breathe();
      if (pause) await pause;
      if (regexp.test(mac)) matching.push(pattern);
    }
    return matching;
  };
}
