/** What the API refused, for tests that want it to. */
import { ApiError } from '@mig/api';

/** Gives the refusal that `asked` ends with. Throws when it ends well, or in another way. */
export async function refusalOf(asked: Promise<unknown>): Promise<ApiError> {
  const outcome = await asked.then(
    (value) => new Error(`expected a refusal, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (outcome instanceof ApiError) return outcome;
  throw outcome;
}
