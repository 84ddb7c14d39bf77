/** Which patterns match a MAC address, whatever the case. */
import { compile } from '@mig/regexp';

export function createMacMatcher(patterns: readonly string[]): (mac: string) => readonly string[] {
  const regexps = patterns.map((pattern) => ({ pattern, regexp: compile(`(?i:${pattern})`) }));
  return (mac) => regexps.filter(({ regexp }) => regexp.test(mac)).map(({ pattern }) => pattern);
}
