/** What every refused or failed request is answered with: problem details (RFC 9457), with a code that stays. */
import { z } from 'zod';

/** Every code that the API itself has, and its HTTP status. Codes of @mig/action come through as they are, with 422. */
export const errorNames = {
  BAD_REQUEST: 400,
  NOT_AUTHENTICATED: 401,
  NOT_PERMITTED: 403,
  NOT_FOUND: 404,
  TIMEOUT: 408,
  CONFLICT: 409,
  TOO_LARGE: 413,
  UNSUPPORTED_TYPE: 415,
  TARGET_INVALID: 422,
  ENVELOPE_REFUSED: 422,
  TOO_MANY_REQUESTS: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL: 500,
  NOT_READY: 503,
} as const;
export type ErrorName = keyof typeof errorNames;

export const Problem = z
  .object({
    type: z.string().default('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().describe('One of the API, or of an action: it does not change, as texts may.'),
    wayout: z.string().optional().describe('What can be done about it.'),
    position: z.int().optional().describe('Where in the target, counted in characters from 0.'),
  })
  .readonly();
export type Problem = z.output<typeof Problem>;

/** What a client throws when the platform says no, or cannot be reached (`status` 0, code UNREACHABLE). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(problem.detail ?? problem.title, options);
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}
