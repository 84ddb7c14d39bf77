/**
 * The host of a module that stays: the process that the agent keeps running. It reads its configuration, starts the
 * instance, registers the socket where it can be asked, answers pings, and ends when it is told to or the agent is gone.
 */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Platform } from '../contract/define-module.ts';
import { decodeMessage, type Message } from '../contract/messages.ts';
import {
  type AnyPersistentModule,
  type Instance,
  type RaisedAlert,
  Unavailable,
} from '../contract/persistent-module.ts';
import { describeIssues } from '../contract/validation.ts';
import { type Bytes, linesOf } from '../host/lines.ts';
import { AlertOutlet } from './alert-outlet.ts';
import { QueryServer } from './query-server.ts';
import { Unacknowledged } from './unacknowledged.ts';

/** What the process of a persistent module ends with: `unavailable` is not worth another try as things are. */
export const persistentExit = { stopped: 0, failed: 1, unavailable: 3 } as const;

/** How long an instance may take to let go of what it holds. */
const graceMs = 4_000;
/** How long it waits at its end for what the agent has not acknowledged. */
const settleMs = 500;
/** What the agent has not acknowledged, in the state directory. */
const unacknowledgedName = 'unacknowledged-alerts.jsonl';

export interface PersistentHostOptions {
  /** Messages from the agent; their end is the end of the agent. */
  readonly input: Bytes;
  /** Messages to the agent. */
  readonly output: Writable;
  /** Where the socket is made. */
  readonly socketPath: string;
  /** Aborts to stop. */
  readonly signal?: AbortSignal;
  readonly platform?: string;
}

type AnyInstance = Instance<unknown, unknown, unknown>;

/** Runs `module` until it is stopped or fails. Gives the exit status; never rejects. */
export async function runPersistentHost(module: AnyPersistentModule, options: PersistentHostOptions): Promise<number> {
  const outlet = new AlertOutlet(options.output);
  const log = (message: string) => outlet.send({ class: 'log', parameters: { message } });
  try {
    return await new PersistentHost(module, options, outlet, log).run();
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    return error instanceof Unavailable ? persistentExit.unavailable : persistentExit.failed;
  }
}

class PersistentHost {
  readonly #module: AnyPersistentModule;
  readonly #options: PersistentHostOptions;
  readonly #outlet: AlertOutlet;
  readonly #log: (message: string) => void;
  readonly #stopper = new AbortController();
  #instance: AnyInstance | undefined;
  /** Whether the agent has gone. */
  #isAlone = false;
  readonly #save = () => this.#outlet.save();
  readonly #ending: Promise<void>;
  #end: (failure?: Error) => void = () => {};

  constructor(
    module: AnyPersistentModule,
    options: PersistentHostOptions,
    outlet: AlertOutlet,
    log: (message: string) => void,
  ) {
    this.#module = module;
    this.#options = options;
    this.#outlet = outlet;
    this.#log = log;
    this.#ending = new Promise((resolve, reject) => {
      this.#end = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    this.#ending.catch(() => {});
  }

  async run(): Promise<number> {
    const { input, platform = process.platform, signal, socketPath } = this.#options;
    if (!(this.#module.platforms as readonly string[]).includes(platform)) {
      throw new Unavailable(`module ${this.#module.name} is not available on ${platform}`);
    }
    signal?.addEventListener('abort', () => this.#end(), { once: true });
    const lines = linesOf(input);
    const configuration = await readConfiguration(lines);
    if (configuration === undefined) return persistentExit.stopped;
    void this.#obey(lines);
    const starting = this.#start(configuration, platform as Platform);
    let queries: QueryServer | undefined;
    try {
      this.#instance = (await Promise.race([starting, this.#ending])) ?? undefined;
      if (this.#instance !== undefined) {
        queries = await QueryServer.listen(socketPath, this.#module, this.#instance);
        this.#outlet.send({ class: 'register', parameters: { sockpath: socketPath } });
        await this.#ending;
      }
    } finally {
      // At once, since whoever ended the agent may end this too.
      this.#save();
      this.#stopper.abort(new Error('stopped'));
      await inTime(this.#letGo(starting, queries), () =>
        this.#log(`not stopped within ${graceMs} ms, ended as it was`),
      );
      if (!this.#isAlone) await this.#outlet.settled(settleMs);
      this.#save();
      process.off('exit', this.#save);
    }
    return persistentExit.stopped;
  }

  async #letGo(starting: Promise<AnyInstance>, queries: QueryServer | undefined): Promise<void> {
    await queries?.close();
    const instance = this.#instance ?? (await starting.catch(() => undefined));
    await instance?.stop?.();
  }

  async #start(configuration: Configuration, platform: Platform): Promise<AnyInstance> {
    const parsed = this.#module.config.safeParse(configuration.config ?? {});
    if (!parsed.success) {
      const problem = describeIssues(parsed.error.issues, configuration.config).replace(/^parameter(s: )?/, (_, all) =>
        all === undefined ? 'key' : '',
      );
      throw new Unavailable(`configuration of module ${this.#module.name}: ${problem}`);
    }
    const outlet = this.#outlet;
    const stateDirectory =
      configuration.statedir ?? join(dirname(this.#options.socketPath), `${this.#module.name}.state`);
    // Under an agent it is there, and nothing else can be made.
    if (configuration.statedir === undefined) mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    if (configuration.acknowledges) {
      outlet.keepIn(new Unacknowledged(join(stateDirectory, unacknowledgedName), this.#log));
      process.on('exit', this.#save); // Also when it crashes.
    }
    return this.#module.runPersistent({
      config: parsed.data,
      hostname: configuration.hostname || hostname(),
      stateDirectory,
      environment: configuration.environment,
      tags: configuration.tags,
      platform,
      signal: this.#stopper.signal,
      log: this.#log,
      alert: (message, fields = {}) => outlet.raise(message, fields),
      get dropped() {
        return outlet.dropped;
      },
      fail: (reason) => this.#end(reason),
    });
  }

  /** Does what the agent says, until it says nothing any more; also while the instance still starts, or lets go. */
  async #obey(lines: AsyncGenerator<string>): Promise<void> {
    try {
      for await (const line of lines) {
        const message = decodeMessage(line);
        if (message.class === 'stop') this.#end();
        if (message.class === 'ack') this.#outlet.acknowledge(message.parameters.number);
        if (message.class === 'ping') this.#outlet.send({ class: 'ping' });
        if (message.class === 'alert') this.#instance?.receiveAlert?.(toRaised(message));
      }
      this.#isAlone = true;
      this.#end();
    } catch (error) {
      this.#end(error as Error);
    }
  }
}

/** Gives what `work` gives; when that takes too long, calls `onLate` and goes on without it. */
async function inTime(work: Promise<void>, onLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => resolve(onLate()), graceMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

type Configuration = Extract<Message, { class: 'config' }>['parameters'];

/** The first message; undefined when the agent says stop instead, or has gone. */
async function readConfiguration(lines: AsyncGenerator<string>): Promise<Configuration | undefined> {
  const next = await lines.next();
  if (next.done) return undefined;
  const message = decodeMessage(next.value);
  if (message.class === 'stop') return undefined;
  if (message.class === 'config') return message.parameters;
  throw new Error(`expected a message of class config first, got class ${message.class}`);
}

function toRaised({ parameters }: Extract<Message, { class: 'alert' }>): RaisedAlert {
  const { id = '', module = '', time = new Date().toISOString(), message, fields = {} } = parameters;
  return { id, module, time, message, fields };
}
