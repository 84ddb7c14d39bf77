/** Which known word somebody may have meant. */
import leven from 'leven';

/** Gives the candidate within two edits of `word`, or undefined when none or several are equally near. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, edits: leven(word, candidate) }));
  ranked.sort((a, b) => a.edits - b.edits);
  const [best, second] = ranked;
  if (best === undefined || best.edits > Math.min(2, word.length - 1)) return undefined;
  return second?.edits === best.edits ? undefined : best.candidate;
}
