/** What went wrong, and what to do about it, in one or two lines. */
import { ActionError } from '@mig/action';
import { ApiError } from '@mig/api';

/** Lines for a person about `error`. */
export function explain(error: unknown): string[] {
  if (error instanceof ActionError) return [error.message, error.wayout];
  if (error instanceof ApiError) return explainApi(error);
  if (error instanceof Error) return [explainSystem(error as NodeJS.ErrnoException)];
  return [String(error)];
}

/** Errors of the operating system name the file first, and say in words what is the matter. */
function explainSystem({ code, path, message }: NodeJS.ErrnoException): string {
  if (code === undefined || path === undefined) return message;
  const reason = /^[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? code;
  return `${path}: ${reason}`;
}

function explainApi({ message, problem, status, code }: ApiError): string[] {
  const wayout = problem.wayout ?? (status === 0 ? hintOf(code, message) : undefined);
  return [message, ...(wayout === undefined ? [] : [wayout])];
}

function hintOf(code: string, message: string): string {
  if (code === 'MALFORMED')
    return "is 'url' in config.toml (or MIG_URL) the platform itself? If so, bring mig and the platform to the same version; mig actions shows whether it was done";
  if (/certificate|self.signed|issuer/i.test(message)) {
    return "is 'ca' in config.toml (or MIG_CA) the platform's own CA certificate? An administrator has it; mig init fetches it";
  }
  return "is 'url' in config.toml (or MIG_URL) right, and the platform running? The API listens on 8443, unless it is configured otherwise";
}
