/**
 * The snapshot that module processes start from, where the one of the build is missing or does not fit: a package is made
 * for every Node, and Node is upgraded under an agent. It is made once for each Node and each agent, and kept in the state
 * directory: a start takes a third of the time from then on (docs/decisions/0001).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import type { Logger } from '@mig/daemon';
import {
  engineFlags,
  type HostBundle,
  hostBundleIn,
  hostEnvironment,
  killGroup,
  snapshotIdentity,
  yieldToOwner,
} from '@mig/module/runner';
import { refuseForeign } from '../policy/refuse-foreign.ts';
import { writeDurably } from '../state/durable-file.ts';

/** An agent that has just started has other things to do, and one that runs for a moment needs none. */
const patienceMs = 30_000;

/** Longest text of a failure that is logged. */
const longestDetail = 1000;

export class OwnSnapshot implements HostBundle {
  readonly script: string;
  readonly #path: string;
  readonly #log: Logger;
  #nodeFlags: readonly string[];
  #soon: NodeJS.Timeout | undefined;
  #making: ChildProcess | undefined;

  /** For the bundle in `scriptDirectory`. `path` is where a snapshot is kept; what else it is of is kept beside it. */
  constructor(scriptDirectory: string, path: string, log: Logger) {
    const { script, nodeFlags } = hostBundleIn(scriptDirectory);
    this.script = script;
    this.#path = path;
    this.#log = log;
    this.#nodeFlags = nodeFlags.length > 0 || !this.#isKept() ? nodeFlags : ['--snapshot-blob', path];
  }

  /** Those that start a process from a snapshot that fits; empty while there is none. */
  get nodeFlags(): readonly string[] {
    return this.#nodeFlags;
  }

  /** Makes a snapshot after a while, when none fits. */
  makeSoon(afterMs = patienceMs): void {
    if (this.#nodeFlags.length > 0) return;
    this.#soon = setTimeout(() => this.#make(), afterMs).unref();
  }

  /** Makes none any more. */
  close(): void {
    clearTimeout(this.#soon);
    if (this.#making === undefined) return;
    killGroup(this.#making);
    this.#making = undefined;
    rmSync(this.#beside, { force: true });
  }

  #make(): void {
    const made = this.#beside;
    const child = spawn(process.execPath, [...engineFlags, '--snapshot-blob', made, '--build-snapshot', this.script], {
      env: hostEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
      detached: process.platform !== 'win32',
    });
    yieldToOwner(child.pid);
    this.#making = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(0, longestDetail);
    });
    const ended = (detail: string | undefined) => {
      if (this.#making !== child) return;
      this.#making = undefined;
      if (detail === undefined) this.#keep(made);
      else this.#fail(made, detail);
    };
    child.once('error', ({ message }) => ended(message));
    child.once('close', (code, signal) => {
      ended(code === 0 ? undefined : `${signal ?? `exit status ${code}`}: ${said}`);
    });
  }

  #keep(made: string): void {
    try {
      rmSync(this.#identityPath, { force: true });
      chmodSync(made, 0o600);
      renameSync(made, this.#path);
      writeDurably(this.#identityPath, this.#identity());
    } catch (error) {
      this.#fail(made, (error as Error).message);
      return;
    }
    this.#nodeFlags = ['--snapshot-blob', this.#path];
    this.#log.info({ path: this.#path }, 'start-up snapshot made: modules start faster from now on');
  }

  #fail(made: string, detail: string): void {
    rmSync(made, { force: true });
    this.#log.warn({ detail }, 'no start-up snapshot could be made: modules start without one');
  }

  /** Whether the one that is kept is of this Node and of this agent, and nobody else can have written it: it is code. */
  #isKept(): boolean {
    try {
      for (const path of [this.#path, this.#identityPath]) {
        const stats = lstatSync(path);
        if (!stats.isFile()) return false;
        refuseForeign(path, stats);
      }
      return readFileSync(this.#identityPath, 'utf8') === this.#identity();
    } catch {
      return false; // There is none, or it is made anew in its place.
    }
  }

  get #beside(): string {
    return `${this.#path}.new`;
  }

  get #identityPath(): string {
    return `${this.#path}.for`;
  }

  #identity(): string {
    return `${snapshotIdentity()} ${createHash('sha256').update(readFileSync(this.script)).digest('hex')}`;
  }
}
