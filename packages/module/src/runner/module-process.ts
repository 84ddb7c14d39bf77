/**
 * A module run as a process of its own: niced, with a clean environment, the permissions that the module declares,
 * and limits on time, memory and output. Whatever the process does, one result comes back.
 */
import type { ChildProcess } from 'node:child_process';
import type { AnyModule } from '../contract/define-module.ts';
import { encodeMessage } from '../contract/messages.ts';
import { failure, longestResultBytes, Result, stopNotice } from '../contract/result.ts';
import { killGroup } from './guard.ts';
import { type HostBundle, snapshotRefused } from './host-bundle.ts';
import { residentMemoryMb } from './resident-memory.ts';
import { type SpareProcess, yieldToOwner } from './spare-process.ts';
import { startProcess } from './start-process.ts';

export interface ModuleLimits {
  /** After this long the run is stopped. Default 300,000. */
  readonly timeoutMs: number;
  /** Most resident memory, in MiB. Default 500. */
  readonly memoryMb: number;
  /** Most bytes on standard output. Default: the longest result there may be, and its line end. */
  readonly outputBytes: number;
}

export const defaultLimits: ModuleLimits = { timeoutMs: 300_000, memoryMb: 500, outputBytes: longestResultBytes + 1 };

export interface ProcessOptions {
  /** The program of the module host: it is given `-m NAME -owned`. */
  readonly host: HostBundle;
  /** A process that waits already; it is used when it fits, and made ready again after the run. */
  readonly spare?: SpareProcess;
  readonly limits?: Partial<ModuleLimits>;
  /** The socket of the running instance, for a module that stays. */
  readonly persistsock?: string;
  /** Aborts to stop the run. */
  readonly signal?: AbortSignal;
  /** Hears of the process, once it is there. */
  readonly onProcess?: (pid: number) => void;
  /** Takes the lines that the process logs on standard error. */
  readonly onLog?: (text: string) => void;
}

/** How long a process may take to answer a stop message before it is killed. */
const graceMs = 1_000;

/** Runs `module` with `parameters` in a new process, and gives its result. Never rejects. */
export async function runModuleProcess(
  module: AnyModule,
  parameters: unknown,
  options: ProcessOptions,
): Promise<Result> {
  const { host, signal, spare, persistsock } = options;
  const child = spare?.take(module) ?? startProcess(module, host, module.name);
  const run = new ModuleRun(module.name, child, { ...defaultLimits, ...options.limits }, options.onLog);
  if (child.pid !== undefined) options.onProcess?.(child.pid);
  const stop = () => run.stop(stopNotice);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  child.stdin?.write(
    encodeMessage({
      class: 'parameters',
      module: module.name,
      parameters,
      ...(persistsock === undefined ? {} : { persistsock }),
    }),
  );
  const result = await run.result;
  signal?.removeEventListener('abort', stop);
  spare?.prepareSoon(module);
  if (child.exitCode !== snapshotRefused || host.nodeFlags.length === 0) return result;
  return runModuleProcess(module, parameters, { ...options, host: { script: host.script, nodeFlags: [] } });
}

class ModuleRun {
  readonly result: Promise<Result>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #limits: ModuleLimits;
  readonly #timers: NodeJS.Timeout[] = [];
  #output: Buffer[] = [];
  #outputBytes = 0;
  /** Why the run was ended from here, when it was. */
  #verdict: string | undefined;

  constructor(name: string, child: ChildProcess, limits: ModuleLimits, onLog: ((text: string) => void) | undefined) {
    this.#name = name;
    this.#child = child;
    this.#limits = limits;
    this.result = new Promise((resolve) => {
      child.on('error', (error) => this.#settle(resolve, `its process could not be started: ${error.message}`));
      child.on('close', (code, signal) =>
        this.#settle(resolve, signal ? `killed by ${signal}` : `exit status ${code}`),
      );
    });
    child.stdin?.on('error', () => {}); // The process may end before it has read all; 'close' tells how.
    child.stdout?.on('data', (chunk: Buffer) => this.#collect(chunk));
    child.stderr?.on('data', (chunk: Buffer) => onLog?.(chunk.toString()));
    yieldToOwner(child.pid);
    this.#timers.push(
      setTimeout(() => this.stop(`stopped after its time limit of ${limits.timeoutMs} ms`), limits.timeoutMs),
    );
    this.#timers.push(setInterval(() => this.#checkMemory(), 200));
  }

  /** Asks the process to stop, and kills it when it has not after the grace period. */
  stop(verdict: string): void {
    this.#verdict ??= verdict;
    this.#child.stdin?.write(encodeMessage({ class: 'stop' }));
    this.#timers.push(setTimeout(() => killGroup(this.#child), graceMs));
  }

  #kill(verdict: string): void {
    this.#verdict ??= verdict;
    killGroup(this.#child);
  }

  #settle(resolve: (result: Result) => void, ending: string): void {
    for (const timer of this.#timers) clearTimeout(timer);
    resolve(this.#verdict === undefined ? this.#readResult(ending) : failure(this.#sentence(this.#verdict)));
  }

  #sentence(verdict: string): string {
    return verdict === stopNotice ? verdict : `module ${this.#name}: ${verdict}`;
  }

  #readResult(ending: string): Result {
    const line = Buffer.concat(this.#output).toString().trimEnd();
    try {
      return Result.parse(JSON.parse(line)) as Result;
    } catch {
      return failure(this.#sentence(`its process ended without a result (${ending})`));
    }
  }

  #collect(chunk: Buffer): void {
    this.#outputBytes += chunk.length;
    if (this.#outputBytes <= this.#limits.outputBytes) this.#output.push(chunk);
    else {
      this.#output = [];
      this.#kill(`it wrote more than ${this.#limits.outputBytes} bytes and was killed`);
    }
  }

  #checkMemory(): void {
    const residentMb = residentMemoryMb(this.#child.pid);
    if (residentMb > this.#limits.memoryMb) {
      this.#kill(
        `it used ${Math.round(residentMb)} MiB of memory, more than its ${this.#limits.memoryMb}, and was killed`,
      );
    }
  }
}
