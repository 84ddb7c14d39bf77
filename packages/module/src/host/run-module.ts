/** Runs a module once, in this process: validate, run, check, result. Never throws: a failure is a result too. */
import { checkFindings } from '../contract/check-elements.ts';
import type { AnyModule, Platform, RunContext } from '../contract/define-module.ts';
import { InstanceFailure } from '../contract/persistent-module.ts';
import { encodeResult, failure, longestResultBytes, type Result, stopNotice } from '../contract/result.ts';
import { InvalidParameters, validateParameters } from '../contract/validation.ts';
import { createBreathe } from './breathe.ts';
import { startThread, type ThreadScript } from './threads.ts';

export interface RunOptions {
  /** Aborts to stop the run. */
  readonly signal?: AbortSignal;
  /** The platform to take for this machine's. Default: `process.platform`. */
  readonly platform?: string;
  /** The socket of the running instance, for a module that stays. */
  readonly persistsock?: string;
  /** The script that threads run; without it, modules work in one thread. */
  readonly threadScript?: ThreadScript;
  /** Takes what went wrong inside, with its stack: for the log, never for the result. */
  readonly onCrash?: (error: unknown) => void;
}

/** Runs `module` with `parameters` as they came from outside. */
export async function runModule(module: AnyModule, parameters: unknown, options: RunOptions = {}): Promise<Result> {
  const { signal = new AbortController().signal, platform = process.platform, onCrash } = options;
  if (!(module.platforms as readonly string[]).includes(platform)) {
    return failure(`module ${module.name} is not available on ${platform}`);
  }
  const errors: string[] = [];
  try {
    const context: RunContext<unknown> = {
      parameters: validateParameters(module, parameters),
      platform: platform as Platform,
      ...(options.persistsock === undefined ? {} : { persistsock: options.persistsock }),
      signal,
      warn: (message) => void errors.push(message),
      breathe: createBreathe(signal),
      startThread: (entry, data) => startThread(options.threadScript, module, entry, data),
    };
    const findings = checkFindings(module, await untilStopped(module.run(context), signal));
    return boundedResult({ ...findings, success: true, errors: errors.length > 0 ? errors : null });
  } catch (error) {
    if (signal.aborted) return failure(stopNotice);
    if (!isReason(error)) onCrash?.(error);
    return failure(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Whether an error is the module's own word on why it cannot do its work: an Error that it made itself. Those of other
 * classes (TypeError…) and of the system, which have a code, came up where nobody expected them.
 */
function isReason(error: unknown): boolean {
  if (error instanceof InvalidParameters || error instanceof InstanceFailure) return true;
  return error instanceof Error && error.constructor === Error && !('code' in error);
}

/** Gives what `run` gives, or rejects when `signal` aborts: a stop does not wait for a module to notice it. */
async function untilStopped<T>(run: Promise<T>, signal: AbortSignal): Promise<T> {
  run.catch(() => {});
  if (signal.aborted) throw signal.reason;
  let stop: () => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([run, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function boundedResult(result: Result): Result {
  const size = Buffer.byteLength(encodeResult(result));
  if (size <= longestResultBytes) return result;
  return failure(
    `the result holds ${size} bytes, more than the ${longestResultBytes} that may be sent: ask a narrower question`,
  );
}
