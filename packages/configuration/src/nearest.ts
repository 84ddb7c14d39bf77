/** Which known key somebody may have meant. */
import leven from 'leven';

/** The one of `known` that is one edit away from `name`, or two neighbours changed over; undefined when none or several are. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const near = known.filter((one) => leven(name, one) <= 1 || isSwapped(name, one));
  return near.length === 1 ? near[0] : undefined;
}

function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((letter, i) => letter !== b[i]);
  return at >= 0 && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
