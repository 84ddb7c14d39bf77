/**
 * The one-shot host: a module process reads messages from standard input, runs the module once and writes one line.
 * The first message holds the parameters; a stop message ends the run; the end of input ends nothing, unless the
 * process is owned by the program that holds the other end.
 */
import { writeSync } from 'node:fs';
import type { AnyModule } from '../contract/define-module.ts';
import { decodeMessage } from '../contract/messages.ts';
import { encodeResult, failure, type Result, stopNotice } from '../contract/result.ts';
import { type Bytes, linesOf } from './lines.ts';
import { type RunOptions, runModule } from './run-module.ts';

/** Gives the module that the first message names. Throws an Error that says which there are. */
export type ChooseModule = (name: string | undefined) => AnyModule;

export interface OnceOptions extends RunOptions {
  /** Whether the end of input stops the run: whoever asked is gone. */
  readonly isOwned?: boolean;
  /** Where the instance of a module that stays is asked when the message does not say. */
  readonly standardSocket?: (module: string) => string;
}

/**
 * Reads the parameters of `module` from `input`, runs it, and gives its result; it is not written yet. A function in
 * place of the module chooses it by the name that comes with the parameters.
 */
export async function runOnce(
  module: AnyModule | ChooseModule,
  input: Bytes,
  options: OnceOptions = {},
): Promise<Result> {
  const lines = linesOf(input);
  const first = await readFirst(lines, module);
  if ('refusal' in first) return failure(first.refusal);
  const stopper = new AbortController();
  const stop = () => stopper.abort(new Error('stopped'));
  if (first.stop || options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  void watchForStop(lines, stop, options.isOwned ?? false);
  const persistsock = first.persistsock ?? options.standardSocket?.(first.module.name);
  return runModule(first.module, first.parameters, {
    ...options,
    ...(persistsock === undefined ? {} : { persistsock }),
    signal: stopper.signal,
  });
}

/** Writes `result` as one line to the file descriptor `output`, all of it, also where a pipe takes it piece by piece. */
export function writeResult(result: Result, output: number): void {
  let rest: Buffer = Buffer.from(`${encodeResult(result)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(output, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

type First =
  | { readonly refusal: string }
  | {
      readonly stop: boolean;
      readonly module: AnyModule;
      readonly parameters?: unknown;
      readonly persistsock?: string;
    };

async function readFirst(lines: AsyncGenerator<string>, module: AnyModule | ChooseModule): Promise<First> {
  try {
    const next = await lines.next();
    if (next.done) return { refusal: 'expected a parameters message on standard input, got the end of input' };
    const message = decodeMessage(next.value);
    const choose = (name?: string) => (typeof module === 'function' ? module(name) : module);
    if (message.class === 'parameters') {
      const { module: name, parameters, persistsock } = message;
      const socket = persistsock === undefined ? {} : { persistsock };
      return { stop: false, module: choose(name), parameters, ...socket };
    }
    if (message.class === 'stop')
      return typeof module === 'function' ? { refusal: stopNotice } : { stop: true, module };
    return { refusal: `expected a message of class parameters first, got class ${message.class}` };
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) };
  }
}

/** Calls `stop` at the first stop message. What else arrives while the module runs is not for it and is passed over. */
async function watchForStop(lines: AsyncGenerator<string>, stop: () => void, isOwned: boolean): Promise<void> {
  try {
    for await (const line of lines) {
      if (isStop(line)) return stop();
    }
  } catch {
    // The run outlives a broken input: the result still goes out, and the agent sees why the pipe broke.
  }
  if (isOwned) stop();
}

function isStop(line: string): boolean {
  try {
    return decodeMessage(line).class === 'stop';
  } catch {
    return false;
  }
}
