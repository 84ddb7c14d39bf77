/** What an object has to offer for a test: values, and what they are of. */

export interface Candidate {
  /** The package, path or name. */
  readonly identifier: string;
  /** What tests look at; never returned. */
  readonly value: string;
  /** The kind of package that a version is of. */
  readonly packageType?: string;
}

/** Most candidates of an object: an expression that matches every line of a log is no policy. */
export const mostCandidates = 10_000;

/** Throws when there are too many. */
export function boundedCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length <= mostCandidates) return candidates;
  throw new Error(`it has more than ${mostCandidates} candidates: narrow its expression or its path`);
}
