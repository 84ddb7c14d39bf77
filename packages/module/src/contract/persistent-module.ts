/**
 * `definePersistentModule`: a module that stays. The agent starts it, keeps it running and hands it its configuration;
 * it raises alerts, and a question about it is answered by the instance that runs.
 */
import type { z } from 'zod';
import {
  type AnyModule,
  type Declaration,
  defineModule,
  type Findings,
  type Module,
  type Platform,
} from './define-module.ts';

/** What an instance is given when it starts. */
export interface PersistentContext<Config> {
  /** The module's configuration, validated, defaults filled in. */
  readonly config: Config;
  readonly hostname: string;
  /**
   * A directory of its own, that its owner alone can use and that outlives it: what it is to know when it is started again
   * goes there. It may hold whatever a crash left.
   */
  readonly stateDirectory: string;
  /** What the agent says of the endpoint, and what the platform says of the agent. */
  readonly environment: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** Aborts when the instance must end. */
  readonly signal: AbortSignal;
  /** Writes a line to the agent's log. */
  log(message: string): void;
  /**
   * Raises an alert; `fields` are metadata. Never waits: it is held until the agent has it on disk, also over the end of
   * the instance, up to a bound, and beyond it dropped and counted in `dropped`.
   */
  alert(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Alerts that were dropped so far. */
  readonly dropped: number;
  /** Ends the instance, for a reason that came up later: the agent logs it, and starts the module again. */
  fail(reason: Error): void;
}

/** A question to a running instance. */
export interface Query<Parameters> {
  /** The parameters, validated, defaults filled in. */
  readonly parameters: Parameters;
  /** Aborts when whoever asks has gone. */
  readonly signal: AbortSignal;
  /** Reports a soft failure. */
  warn(message: string): void;
}

/** What an alert says. */
export interface AlertContent {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An alert as it reaches a module that forwards alerts. */
export interface RaisedAlert extends AlertContent {
  readonly id: string;
  readonly module: string;
  /** When it was raised, RFC 3339. */
  readonly time: string;
}

/** A module that runs. */
export interface Instance<Parameters, Elements, Statistics> {
  /** Answers a question. Several may be under way at a time. */
  query(query: Query<Parameters>): Promise<Findings<Elements, Statistics>>;
  /** Takes an alert of another module. Without it, none is sent here. */
  receiveAlert?(alert: RaisedAlert): void;
  /** Lets go of what it holds; the process ends afterwards. */
  stop?(): Promise<void>;
}

export interface PersistentDeclaration<
  C extends z.ZodObject,
  P extends z.ZodType,
  E extends z.ZodType,
  S extends z.ZodType,
> extends Omit<Declaration<P, E, S>, 'run'> {
  /** What `modules/NAME.toml` may hold; every key has a description, and a default, so that no file is needed. */
  readonly config: C;
  /** Whether this module takes the alerts of the others. */
  readonly receivesAlerts?: boolean;
  /** Masks what identifies the endpoint's owner, in privacy mode. Default: nothing but that there was an alert is said. */
  enhanceAlertPrivacy?(alert: AlertContent): AlertContent;
  /** Starts an instance; resolves once it does its work. Throws `Unavailable` where it can never work. */
  runPersistent(context: PersistentContext<z.output<C>>): Promise<Instance<z.output<P>, z.input<E>, z.input<S>>>;
}

/** A module that stays; its `run` asks the instance that runs. */
export type PersistentModule<
  C extends z.ZodObject = z.ZodObject,
  P extends z.ZodType = z.ZodType,
  E extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
> = Module<P, E, S> &
  Readonly<
    Pick<PersistentDeclaration<C, P, E, S>, 'config' | 'receivesAlerts' | 'enhanceAlertPrivacy' | 'runPersistent'>
  >;

// See AnyModule.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyPersistentModule = PersistentModule<any, any, any, any>;

/** Thrown by `runPersistent` where the module cannot work at all: it is not started again before the agent is reloaded. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** Why an instance did not answer: what is to be known of it is in its message. */
export class InstanceFailure extends Error {
  override readonly name = 'InstanceFailure';
}

/** Checks a declaration and freezes it. Throws an Error that names the field that is wrong. */
export function definePersistentModule<
  C extends z.ZodObject,
  P extends z.ZodType,
  E extends z.ZodType,
  S extends z.ZodType,
>(declaration: PersistentDeclaration<C, P, E, S>): PersistentModule<C, P, E, S> {
  const { config, name } = declaration;
  const unset = config.safeParse({});
  if (!unset.success) {
    const keys = [...new Set(unset.error.issues.map(({ path }) => `'${path.join('.')}'`))].join(', ');
    throw new Error(`module ${name}: expected a default for every key of its configuration, got none for ${keys}`);
  }
  const module = defineModule<P, E, S>({
    ...declaration,
    async run(context) {
      const { askInstance } = await import('../persistent/ask-instance.ts');
      return (await askInstance(name, context)) as Findings<z.input<E>, z.input<S>>;
    },
  });
  return module as PersistentModule<C, P, E, S>;
}

/** What an alert of `module` says to the platform, where the endpoint is in privacy mode. */
export function maskAlert(module: AnyPersistentModule, alert: AlertContent): AlertContent {
  return module.enhanceAlertPrivacy?.(alert) ?? { message: 'an alert, withheld in privacy mode', fields: {} };
}

/** Where the instance of a module is asked, under an agent that keeps its state in `stateDirectory`. */
export function instanceSocket(stateDirectory: string, module: string): string {
  return `${stateDirectory.replace(/\/+$/, '')}/instances/${module}.sock`;
}

/** Whether `module` is one that stays. */
export function isPersistent(module: AnyModule): module is AnyPersistentModule {
  return 'runPersistent' in module;
}
