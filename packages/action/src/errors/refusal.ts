/** A refusal as data, and the same as an error to throw. */
import { type ErrorCode, type ErrorValues, errorCodes } from './registry.ts';

/** Why something was refused: a stable code, a sentence for people, and what they can do. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly wayout: string;
}

/** Makes the refusal `code`, its message filled in with `values`. */
export function refusal<Code extends ErrorCode>(code: Code, values: ErrorValues<Code>): Refusal {
  const { message, wayout } = errorCodes[code];
  const filled = message.replace(/\{([a-z]+)\}/g, (_, name: string) =>
    excerpt(String((values as Readonly<Record<string, string | number>>)[name])),
  );
  return { code, message: filled, wayout };
}

/** What the functions of this package throw. `code` is stable; `message` and `wayout` are for people. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  readonly code: ErrorCode;
  readonly wayout: string;

  constructor(refused: Refusal, options?: ErrorOptions) {
    super(refused.message, options);
    this.code = refused.code;
    this.wayout = refused.wayout;
  }

  /** The same as data. */
  get refusal(): Refusal {
    return { code: this.code, message: this.message, wayout: this.wayout };
  }
}

/** Makes the error `code` to throw. */
export function actionError<Code extends ErrorCode>(
  code: Code,
  values: ErrorValues<Code>,
  options?: ErrorOptions,
): ActionError {
  return new ActionError(refusal(code, values), options);
}

/** A value from outside, fit for one line of a log: short, and without control characters. */
function excerpt(text: string): string {
  const shortened = text.length > 400 ? `${text.slice(0, 400)}…` : text;
  return shortened.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD');
}
