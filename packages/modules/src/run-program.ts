/** Runs a program of the system and gives what it prints. */
import { type ExecFileException, execFile } from 'node:child_process';
import { formatDuration } from '@mig/module';

export interface ProgramRun {
  /** All of it: nothing is taken over from this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take. Default: 30 seconds. */
  readonly timeoutMs?: number;
  /** Most bytes that it may print. Default: 64 MiB. */
  readonly maxBuffer?: number;
  /** Exit statuses that are no failure, beside 0. */
  readonly accepted?: readonly number[];
}

/** Most characters of what a program complains about. */
const longestComplaint = 500;

/** Rejects with an Error that names the program, and says what it said, or why it said nothing. */
export function runProgram(path: string, words: readonly string[], run: ProgramRun): Promise<string> {
  const { env, signal, timeoutMs = 30_000, maxBuffer = 1 << 26, accepted = [] } = run;
  return new Promise((resolve, reject) => {
    const options = { env, signal, timeout: timeoutMs, maxBuffer, windowsHide: true };
    execFile(path, words, options, (error, output, complaints) => {
      if (error === null || accepted.includes(Number(error.code))) resolve(output);
      else reject(new Error(`${path} ${reasonOf(error, complaints, { timeoutMs, maxBuffer })}`, { cause: error }));
    });
  });
}

function reasonOf(error: ExecFileException, complaints: string, limits: { timeoutMs: number; maxBuffer: number }) {
  const said = complaints
    .trim()
    .split(/\s*\r?\n\s*/)
    .join('; ');
  if (said !== '') return `says: ${said.slice(0, longestComplaint)}${said.length > longestComplaint ? '…' : ''}`;
  // Node's codes are texts, exit statuses are numbers.
  const code: unknown = error.code;
  if (code === 'ENOENT') return 'is not installed';
  if (code === 'ABORT_ERR') return 'was stopped';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `printed more than ${limits.maxBuffer} bytes`;
  if (error.killed) return `did not end within ${formatDuration(limits.timeoutMs)}`;
  if (typeof code === 'number') return `ended with status ${code}`;
  return `failed: ${error.signal ?? error.message}`;
}
