/** The one shape that every module answers in, and how it is written on the wire. */
import { z } from 'zod';

/** Longest string, in UTF-8 bytes, that elements and statistics may hold unless their schema says less. */
export const longestStringBytes = 4096;

/** Longest result line, in bytes. A module that finds more must be asked a narrower question. */
export const longestResultBytes = 16 * 1024 * 1024;

/** The text of the error that a stopped run answers with. */
export const stopNotice = 'stop message received, terminating early';

/**
 * What a module answers: `foundanything` says whether the result wants a look, `success` whether the module could do
 * its work. `elements` is null when it could not; `errors` is null when there is nothing to report, else it holds
 * soft failures (success true) or the reason of the failure (success false).
 */
export interface Result<Elements = unknown, Statistics = unknown> {
  readonly foundanything: boolean;
  readonly success: boolean;
  readonly elements: Elements | null;
  readonly statistics: Statistics | null;
  readonly errors: readonly string[] | null;
}

/** Reads a result that came from another process; keys that it does not know are ignored. */
export const Result = z.object({
  foundanything: z.boolean(),
  success: z.boolean(),
  elements: z.unknown(),
  statistics: z.unknown(),
  errors: z.array(z.string()).nullable(),
});

/** Gives the result of a run that could not do its work, for `reason`. */
export function failure(reason: string): Result<never, never> {
  return { foundanything: false, success: false, elements: null, statistics: null, errors: [reason] };
}

/** Writes `result` as one line of JSON without its line end, keys in the order of the contract. */
export function encodeResult(result: Result): string {
  const { foundanything, success, elements, statistics, errors } = result;
  return JSON.stringify({
    foundanything,
    success,
    elements: elements ?? null,
    statistics: statistics ?? null,
    errors: errors === null || errors.length === 0 ? null : errors,
  });
}
