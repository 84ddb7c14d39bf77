/** What went wrong, and what to do about it, in one or two lines. */
import { ActionError } from '@mig/action';
import { ApiError } from '@mig/api';

/** Lines for a person about `error`. */
export function explain(error: unknown): string[] {
  if (error instanceof ActionError) return [error.message, error.wayout];
  if (error instanceof ApiError) return explainApi(error);
  return [error instanceof Error ? error.message : String(error)];
}

function explainApi({ message, problem, status }: ApiError): string[] {
  const wayout = problem.wayout ?? (status === 0 ? hintOf(message) : undefined);
  const position = problem.position === undefined ? '' : ` (at character ${problem.position + 1})`;
  return [`${message}${position}`, ...(wayout === undefined ? [] : [wayout])];
}

function hintOf(message: string): string | undefined {
  if (/certificate|self.signed|issuer/i.test(message))
    return "is 'ca' the platform's own CA certificate? mig init fetches it";
  if (/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT/.test(message))
    return "is 'url' right, and the platform running? mig init sets it";
  return undefined;
}
