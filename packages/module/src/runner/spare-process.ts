/**
 * A module process that was started before it is needed, and waits for the name of its module: a run then does not pay
 * for the start of the runtime. There is one at a time, with the permissions of the module that was run last, since a
 * process cannot give permissions up.
 */
import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { AnyModule } from '../contract/define-module.ts';
import { killGroup } from './guard.ts';
import { type HostBundle, snapshotRefused } from './host-bundle.ts';
import { permissionFlags } from './permissions.ts';
import { startProcess } from './start-process.ts';

const soonMs = 50;

export class SpareProcess {
  readonly #host: HostBundle;
  #waiting: { readonly child: ChildProcess; readonly permissions: string } | undefined;
  #soon: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isSnapshotRefused = false;

  constructor(host: HostBundle) {
    this.#host = host;
  }

  /** The number of the process that waits; undefined when none does. */
  get pid(): number | undefined {
    return this.#waiting?.child.pid;
  }

  /** Sees to it that a process waits that `module` can run in. One with other permissions is ended. */
  prepare(module: AnyModule): void {
    const permissions = permissionFlags(module).join(' ');
    if (this.#isClosed || this.#waiting?.permissions === permissions) return;
    this.#end();
    const host = this.#isSnapshotRefused ? { script: this.#host.script, nodeFlags: [] } : this.#host;
    const child = startProcess(module, host, '-');
    const waiting = { child, permissions };
    this.#waiting = waiting;
    const forget = () => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    };
    child.once('error', forget);
    child.once('exit', (code) => {
      if (code === snapshotRefused) this.#isSnapshotRefused = true;
      forget();
    });
    child.stdin?.on('error', forget);
    yieldToOwner(child.pid);
  }

  /** The same a little later: to start a process takes a core for a while, and first the result is to go its way. */
  prepareSoon(module: AnyModule): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.prepare(module), soonMs).unref();
  }

  /** Gives the process that waits, if `module` can run in it; it is the caller's from now on. */
  take(module: AnyModule): ChildProcess | undefined {
    if (this.#waiting?.permissions !== permissionFlags(module).join(' ')) return undefined;
    const { child } = this.#waiting;
    this.#waiting = undefined;
    return child.exitCode === null && child.signalCode === null ? child : undefined;
  }

  /** Ends the process that waits; none is started any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#soon);
    this.#end();
  }

  #end(): void {
    if (this.#waiting !== undefined) killGroup(this.#waiting.child);
    this.#waiting = undefined;
  }
}

/** Lets a process run behind whatever the endpoint is there for. */
export function yieldToOwner(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The process ended already, or the platform does not let us: the run is worth more than its priority.
  }
}
