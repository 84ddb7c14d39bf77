/**
 * Keeps the modules running that stay on this endpoint, as the files of its owner say, and knows how each one is. A file
 * that cannot be used is a problem of its module alone.
 */
import { isDeepStrictEqual } from 'node:util';
import type { PersistentModuleState } from '@mig/action';
import type { Logger } from '@mig/daemon';
import type { RaisedAlert, Registry } from '@mig/module';
import type { HostBundle } from '@mig/module/runner';
import type { Raised } from '../alerts/alert-post.ts';
import { KeptModule, type KeptModuleOptions } from './kept-module.ts';
import { endLeftovers, leftoversGone } from './leftovers.ts';
import type { InstanceLimits, RestartLimits } from './limits.ts';
import { type ModuleFile, readModuleFiles } from './module-files.ts';

export interface SupervisorOptions {
  readonly registry: Registry;
  /** Where the files of the modules are. */
  readonly files: string;
  /** Where notes and sockets of instances are; it must be there. */
  readonly directory: string;
  readonly socketOf: (module: string) => string;
  readonly stateOf: (module: string) => string;
  readonly host: HostBundle;
  readonly limits: InstanceLimits;
  readonly restarts: RestartLimits;
  /** What an instance is told of its endpoint. */
  readonly describe: () => { readonly hostname: string; readonly environment: Readonly<Record<string, unknown>> };
  /** Keeps an alert, and gives it as modules that receive alerts get it; `onKept` is called once it is kept. */
  readonly takeAlert: (module: string, raised: Raised, onKept?: () => void) => RaisedAlert;
  readonly noteDropped: (module: string, count: number) => void;
  /** The state of a module has changed. */
  readonly onChange: () => void;
  readonly log: Logger;
}

/** How a module is, for its owner. */
export interface ModuleReport {
  readonly name: string;
  readonly state: string;
  readonly since: string;
  readonly reason: string | null;
  readonly pid: number | null;
  readonly restarts: number;
  /** Alerts of other modules that it did not take. */
  readonly undelivered: number;
}

interface Misconfigured {
  readonly problem: string;
  readonly since: string;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #kept = new Map<string, KeptModule>();
  readonly #given = new Map<string, unknown>();
  readonly #problems = new Map<string, Misconfigured>();
  #loading: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Ends what another agent left running, and starts the modules. */
  start(): void {
    this.#loading = this.#endLeftovers();
    void this.reload();
  }

  /** Reads the files again: starts what is new, stops what is gone, starts again what is configured otherwise. */
  reload(): Promise<void> {
    this.#loading = this.#loading.then(() => this.#load());
    return this.#loading;
  }

  /** How each module is that is switched on here, or whose file cannot be used; sorted by name. */
  reports(): readonly ModuleReport[] {
    const names = [...new Set([...this.#kept.keys(), ...this.#problems.keys()])].sort();
    return names.map((name) => {
      const kept = this.#kept.get(name);
      const wrong = this.#problems.get(name);
      return {
        name,
        state: kept?.state ?? 'misconfigured',
        since: kept?.since.toISOString() ?? wrong!.since,
        reason: wrong?.problem ?? kept?.reason ?? null,
        pid: kept?.pid ?? null,
        restarts: kept?.restarts ?? 0,
        undelivered: kept?.undelivered ?? 0,
      };
    });
  }

  /** The same, as the platform is told. */
  states(): readonly PersistentModuleState[] {
    return this.reports()
      .slice(0, 64)
      .map(({ name, state, since, reason }) => ({
        name,
        state,
        since,
        ...(reason === null || state === 'running' ? {} : { reason: reason.slice(0, 1_024) }),
      }));
  }

  /** Why a module that stays cannot be asked now; undefined when it can. */
  whyNot(name: string): string | undefined {
    const report = this.reports().find((one) => one.name === name);
    if (report === undefined)
      return `module ${name} does not run here: it is not switched on, there is no modules/${name}.toml`;
    if (report.state === 'running') return undefined;
    const why = { waiting: 'it ended, and is started again in a moment', starting: 'it is being started' }[
      report.state
    ];
    const reason = report.reason === null ? '' : ` (${report.reason})`;
    return `module ${name} does not run now: ${why ?? report.state}${reason}`;
  }

  /** Stops all modules; resolves when their processes have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loading;
    await Promise.all([...this.#kept.values()].map((kept) => kept.stop()));
  }

  async #endLeftovers(): Promise<void> {
    const { directory, log } = this.#options;
    await leftoversGone(directory);
    const left = endLeftovers(directory);
    if (left.length > 0) log.warn({ pids: left }, 'instances of an agent before were still there, and ended');
  }

  async #load(): Promise<void> {
    if (this.#isStopped) return;
    const { files, registry, socketOf, log } = this.#options;
    let read: readonly ModuleFile[];
    try {
      read = readModuleFiles(files, registry, socketOf);
    } catch (error) {
      log.error(
        { problem: (error as Error).message },
        'configuration of modules cannot be read, they stay as they are',
      );
      return;
    }
    this.#problems.clear();
    await Promise.all([...this.#kept.keys()].map((name) => this.#stopUnless(name, read)));
    for (const file of read) {
      if ('problem' in file) {
        this.#problems.set(file.name, { problem: file.problem, since: new Date().toISOString() });
        log.error({ module: file.name, problem: file.problem }, 'configuration of a module cannot be used');
      } else if (!this.#kept.has(file.name)) this.#keep(file);
    }
    this.#options.onChange();
  }

  /** Stops a module that is switched off, or configured otherwise. One whose file is wrong now goes on as it is. */
  async #stopUnless(name: string, read: readonly ModuleFile[]): Promise<void> {
    const file = read.find((one) => one.name === name);
    if (file !== undefined && ('problem' in file || this.#isAsBefore(file))) return;
    await this.#kept.get(name)?.stop();
    this.#kept.delete(name);
  }

  /** Whether it runs, or will, with what the file says. One that was given up is started again. */
  #isAsBefore(file: Extract<ModuleFile, { given: unknown }>): boolean {
    const state = this.#kept.get(file.name)?.state;
    if (state === 'failed' || state === 'unavailable') return false;
    return isDeepStrictEqual(this.#given.get(file.name), file.given);
  }

  #keep({ name, module, given }: Extract<ModuleFile, { given: unknown }>): void {
    const { describe, takeAlert, noteDropped, socketOf, stateOf, log, ...options } = this.#options;
    const order: KeptModuleOptions = {
      ...options,
      module,
      socketPath: socketOf(name),
      configuration: { config: given, statedir: stateOf(name), acknowledges: true, ...describeFor(describe) },
      agentLog: log,
      onAlert: (raised, onKept) => this.#raised(name, takeAlert(name, raised, onKept)),
      onDropped: (count) => noteDropped(name, count),
    };
    this.#given.set(name, given);
    this.#kept.set(name, new KeptModule(order));
  }

  #raised(from: string, alert: RaisedAlert): void {
    for (const [name, kept] of this.#kept) if (name !== from && kept.module.receivesAlerts) kept.forward(alert);
  }
}

function describeFor(describe: SupervisorOptions['describe']) {
  const { hostname, environment } = describe();
  return { hostname, environment: { ...environment }, tags: {} };
}
