/** Runs a program of the system and gives what it prints. */
import { execFile } from 'node:child_process';

export interface ProgramRun {
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string>>;
  /** Exit statuses that are no failure, beside 0. */
  readonly accepted?: readonly number[];
}

/** Rejects with an Error that names the program, and says what it said. */
export function runProgram(path: string, words: readonly string[], run: ProgramRun): Promise<string> {
  const { signal, env, accepted = [] } = run;
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: 30_000, maxBuffer: 1 << 26, env, windowsHide: true };
    execFile(path, words, options, (error, output, complaints) => {
      if (error === null || accepted.includes(Number(error.code))) resolve(output);
      else reject(new Error(`${path}: ${complaints.trim().split('\n', 1)[0] || error.message}`, { cause: error }));
    });
  });
}
