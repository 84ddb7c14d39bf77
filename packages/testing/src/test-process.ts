/** One of the built programs, run for a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const packages = join(import.meta.dirname, '../..');

const scripts = {
  mig: join(packages, 'client/bin/mig.cjs'),
  'mig-console': join(packages, 'client/bin/mig-console.cjs'),
  'mig-agent': join(packages, 'agent/bin/mig-agent.cjs'),
  'mig-server': join(packages, 'server/bin/mig-server.cjs'),
};

/**
 * V8 would compile what is hot in the embedded database a second time, better: as much computing as all the rest of a
 * start, and servers of tests end before it pays. Elsewhere than in a run of tests, benchmarks say, nothing is changed.
 */
const engineFlags: Readonly<Record<keyof typeof scripts, readonly string[]>> = {
  ...{ mig: [], 'mig-console': [], 'mig-agent': [] },
  'mig-server': process.env['MIG_TEST_RUN'] === undefined ? [] : ['--liftoff-only'],
};

export interface TestProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it wrote so far, on both outputs. */
  output(): string;
  /** What it wrote on standard output, so far. */
  stdout(): string;
  /** Resolves once its output fits `pattern`; rejects when it ends before. */
  said(pattern: RegExp): Promise<void>;
  /** Resolves with the exit status, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts a built program, with an environment that a test cannot be misled by; `npm run build` comes first. */
export function startProcess(
  program: keyof typeof scripts,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): TestProcess {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...variables };
  // The pipe to its standard input ends with this process: what is `--owned` then ends as well.
  const child = spawn(process.execPath, [...engineFlags[program], scripts[program], ...words], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  let out = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer) => {
    text += chunk.toString();
    for (const listen of listeners) listen();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    hear(chunk);
  });
  child.stderr.on('data', hear);
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code ?? -1));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return {
    child,
    pid: child.pid!,
    output: () => text,
    stdout: () => out,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const listen = () => pattern.test(text) && resolve();
        listeners.add(listen);
        listen();
        void ended.then((how) => reject(new Error(`${program} ended (${how}) and never said ${pattern}:\n${text}`)));
      }),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
