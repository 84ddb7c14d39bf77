/**
 * `defineModule`: one declaration, from which the contract makes everything that surrounds a module: validation, flags,
 * prompts, help, printing, JSON Schema, documentation.
 *
 * A declaration is pure: it loads in a browser. What touches the machine is imported by `run`, when it runs.
 */
import type { z } from 'zod';
import type { FlagLayout } from '../flags/layout.ts';
import type { Result } from './result.ts';

/** Platforms by the names that Node gives them. */
export type Platform = 'linux' | 'darwin' | 'win32';

/**
 * What a module's process must be allowed beyond reading files: `write` to the file system, start `children`, use the
 * `network`, send `signals`, start `threads`, load `addons` (native code).
 */
export type Need = 'write' | 'children' | 'network' | 'signals' | 'threads' | 'addons';

/** What a run is given. */
export interface RunContext<Parameters> {
  /** The parameters, validated, defaults filled in. */
  readonly parameters: Parameters;
  readonly platform: Platform;
  /** The socket of the running instance, for a module that stays. */
  readonly persistsock?: string;
  /** Aborts when the run must end. A run that heeds it may throw; the host answers in its stead. */
  readonly signal: AbortSignal;
  /** Reports a soft failure: something could not be looked at, and the run goes on. Kept in the order reported. */
  warn(message: string): void;
  /**
   * Lets stop messages in. A run that works without awaiting anything calls it in its loops (once per file, say):
   * it gives undefined at nearly no cost until 20 ms have passed, then a promise to await; it throws once stopped.
   */
  breathe(): Promise<void> | undefined;
  /**
   * Starts a thread on the named entry of `threadEntries` and passes it `data`; undefined where threads are not to be
   * had, and then the run does all the work itself. Only for modules that need `threads`.
   */
  startThread(entry: string, data: unknown): Thread | undefined;
}

/** A thread that shares the work of a run: `node:worker_threads`' Worker, as far as a module uses it. */
export interface Thread {
  postMessage(value: unknown, transfer?: readonly unknown[]): void;
  on(event: 'message', listener: (value: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  terminate(): Promise<number>;
}

/** What a run returns; the contract adds `success` and `errors`. */
export interface Findings<Elements, Statistics> {
  readonly foundanything: boolean;
  readonly elements: Elements;
  readonly statistics: Statistics;
}

/** A question that an investigator could ask, and the flags that ask it. Tests run every example. */
export interface Example {
  readonly asks: string;
  readonly flags: readonly string[];
}

export interface Declaration<P extends z.ZodType, E extends z.ZodType, S extends z.ZodType> {
  /** Unique; lower case letters and digits. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly platforms: readonly Platform[];
  readonly needs: readonly Need[];
  /** Schemas; each field has a description of one line, and where its flag differs from its name, `flag` as meta. */
  readonly parameters: P;
  readonly elements: E;
  readonly statistics: S;
  readonly examples: readonly Example[];
  /** Where flags do not map to the parameters one by one (see `searchFlags`). */
  readonly flags?: FlagLayout<z.input<P>>;
  /** Checks what a schema cannot say. Throws an Error that names the parameter, what was given and what is expected. */
  validateParameters?(parameters: z.output<P>): void;
  run(context: RunContext<z.output<P>>): Promise<Findings<z.input<E>, z.input<S>>>;
  /** Lines for people, one per finding. The contract adds errors and statistics. Default: `name: value` for each element. */
  printElements?(elements: z.output<E>): Iterable<string>;
  /** Lines for people. Default: `name: value` for each statistic. */
  printStatistics?(statistics: z.output<S>): Iterable<string>;
  /** Masks what identifies the endpoint's owner; the counts stay. Default: the result unchanged. */
  enhancePrivacy?(elements: z.output<E>): z.input<E>;
}

/** A declaration that was checked. Use it with the functions of this package: `runModule`, `printResults`, `flagsOf`… */
export type Module<
  P extends z.ZodType = z.ZodType,
  E extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
> = Readonly<Declaration<P, E, S>>;

/** Any module, whatever its schemas: what lists and registries hold. */
// The three schemas of a Declaration stand in positions of both variances, so that no common supertype can be written.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyModule = Module<any, any, any>;

/** Checks a declaration and freezes it. Throws an Error that names the field that is wrong. */
export function defineModule<P extends z.ZodType, E extends z.ZodType, S extends z.ZodType>(
  declaration: Declaration<P, E, S>,
): Module<P, E, S> {
  const { name, summary, platforms, examples } = declaration;
  if (!/^[a-z][a-z0-9]{1,31}$/.test(name)) {
    throw new Error(`module name: expected 2 to 32 lower case letters and digits, got '${name}'`);
  }
  if (!summary.endsWith('.'))
    throw new Error(`module ${name}: expected a summary that is a sentence, got '${summary}'`);
  if (platforms.length === 0) throw new Error(`module ${name}: expected at least one platform, got none`);
  if (examples.length < 2) throw new Error(`module ${name}: expected two or more examples, got ${examples.length}`);
  return Object.freeze({ ...declaration });
}

/** The result of `module`, masked for an endpoint in privacy mode. */
export function enhancePrivacy(module: AnyModule, result: Result): Result {
  if (module.enhancePrivacy === undefined || result.elements === null) return result;
  return { ...result, elements: module.enhancePrivacy(result.elements) };
}
