/** The programs that `mig up` runs: started, their output kept in a log, watched, stopped. */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How a program ended: with a sentence for people, and what it said last. */
export interface Ending {
  readonly how: string;
  readonly lastLines: readonly string[];
}

export interface Program {
  readonly name: string;
  readonly pid: number | undefined;
  readonly log: string;
  readonly ended: Promise<Ending>;
  /** Resolves once a line of its output fits `pattern`. Rejects with the reason when it ends before. */
  said(pattern: RegExp): Promise<void>;
  /** Ends it: politely first, after ten seconds for certain. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  /** The file that keeps what it says. */
  readonly log: string;
  /** Variables of its environment besides those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
}

const politeMs = 10_000;
const keptLines = 8;
/** A log that is longer is put aside at the next start. */
const longestLog = 16 * 1024 * 1024;

/** The programs are built beside the client, and found from its bundle. */
const scripts = { 'mig-server': '../../server/bin/mig-server.cjs', 'mig-agent': '../../agent/bin/mig-agent.cjs' };

/** Starts `name` with `words`; what it says goes to `log`. It ends when this process does, however that happens. */
export function startProgram(
  name: keyof typeof scripts,
  words: readonly string[],
  { log, variables = {} }: ProgramOptions,
): Program {
  const script = join(__dirname, scripts[name]);
  if (!existsSync(script)) throw new Error(`${script} is missing: expected the programs of MIG beside mig`);
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  if (existsSync(log) && statSync(log).size > longestLog) renameSync(log, `${log}.old`);
  const written = createWriteStream(log, { flags: 'a', mode: 0o600 });
  // A process group of its own: ctrl-c is for mig up, which then stops the agent first and the server last.
  const child = spawn(process.execPath, [script, ...words], {
    detached: true,
    env: { ...withoutOurVariables(process.env), ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lastLines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      written.write(chunk);
      const lines = `${rest}${chunk.toString()}`.split('\n');
      rest = lines.pop()!;
      for (const line of lines.filter((one) => one.trim() !== '')) {
        lastLines.push(line);
        if (lastLines.length > keptLines) lastLines.shift();
        for (const listen of listeners) listen(line);
      }
    });
  }
  const ended = new Promise<Ending>((resolve) => {
    const end = (how: string) => written.end(() => resolve({ how, lastLines }));
    child.on('error', (error) => end(`${name} cannot be started: ${error.message}`));
    child.on('close', (status, signal) => {
      end(`${name} ended ${signal === null ? `with exit status ${status}` : `by the signal ${signal}`}`);
    });
  });
  return {
    name,
    pid: child.pid,
    log,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        listeners.add((line) => pattern.test(line) && resolve());
        void ended.then((ending) => reject(new ProgramEnded(ending, log)));
      }),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), politeMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** A program that `mig up` needs is no more. */
export class ProgramEnded extends Error {
  override readonly name = 'ProgramEnded';

  constructor({ how, lastLines }: Ending, log: string) {
    super(
      [`${how}; ${basename(log)} ends with:`, ...lastLines.map((line) => `  ${line}`), `all of it: ${log}`].join('\n'),
    );
  }
}

/** What is set for `mig` in the environment (MIG_URL, MIG_FLEET) is not meant for the programs that it starts. */
function withoutOurVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('MIG_')));
}
