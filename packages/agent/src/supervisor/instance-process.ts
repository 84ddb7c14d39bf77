/**
 * One process of a module that stays, from its start to its end: given its configuration, pinged, read at a bounded pace,
 * killed when it hangs, grows or talks nonsense. Its end is told once, with the reason.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AnyPersistentModule,
  decodeMessage,
  encodeMessage,
  formatDuration,
  type Message,
  type RaisedAlert,
} from '@mig/module';
import { linesOf, persistentExit } from '@mig/module/host';
import {
  type HostBundle,
  killGroup,
  residentMemoryMb,
  snapshotRefused,
  startInstanceProcess,
  yieldToOwner,
} from '@mig/module/runner';
import type { Raised } from '../alerts/alert-post.ts';
import { Pace } from '../alerts/pace.ts';
import { makePrivateDirectory } from '../state/durable-file.ts';
import type { InstanceLog } from './instance-log.ts';
import { noteInstance } from './leftovers.ts';
import {
  bytePace,
  graceMs,
  type InstanceLimits,
  longestLine,
  memoryLookMs,
  messagePace,
  mostNonsense,
  mostUnread,
} from './limits.ts';

export interface InstanceOrder {
  readonly module: AnyPersistentModule;
  readonly host: HostBundle;
  /** Where notes and sockets of instances are. */
  readonly directory: string;
  readonly socketPath: string;
  /** With the state directory, which is made if it is not there. */
  readonly configuration: Extract<Message, { class: 'config' }>['parameters'] & { readonly statedir: string };
  readonly limits: InstanceLimits;
  readonly log: InstanceLog;
  /** It does its work, and can be asked. */
  readonly onRegistered: () => void;
  /** `onKept` is to be called once the alert is on disk, or counted as dropped. */
  readonly onAlert: (raised: Raised, onKept?: () => void) => void;
  /** It has dropped alerts itself. */
  readonly onDropped: (count: number) => void;
}

/** `refused`: this Node does not take the start-up snapshot. */
export interface Ending {
  readonly outcome: 'stopped' | 'failed' | 'unavailable' | 'refused';
  readonly reason: string;
  readonly livedMs: number;
}

export class InstanceProcess {
  readonly ended: Promise<Ending>;
  readonly #order: InstanceOrder;
  readonly #child: ChildProcess;
  readonly #started = performance.now();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #listening: Promise<unknown>;
  readonly #forget: () => void;
  #deadline: NodeJS.Timeout | undefined;
  #nonsense = 0;
  /** Up to which number its alerts are kept, while it has not been told. */
  #kept: number | undefined;
  #isRegistered = false;
  #isStopping = false;
  /** Why it was killed from here, when it was. */
  #verdict: string | undefined;

  /** Throws where the state directory cannot be made. */
  constructor(order: InstanceOrder) {
    const { module, host, socketPath, directory, configuration, limits } = order;
    this.#order = order;
    makePrivateDirectory(configuration.statedir);
    this.#child = startInstanceProcess(module, host, socketPath, configuration.statedir);
    const child = this.#child;
    child.stdin?.on('error', () => {}); // It may end before it has read all; its exit tells how.
    child.stderr?.on('data', (chunk: Buffer) => order.log.crash(chunk.toString()));
    this.#forget = child.pid === undefined ? () => {} : noteInstance(directory, module.name, child.pid);
    yieldToOwner(child.pid);
    this.#write({ class: 'config', parameters: configuration });
    this.#listening = Promise.all([this.#listen(), child.stderr === null ? undefined : once(child.stderr, 'close')]);
    this.ended = new Promise((resolve) => {
      const settle = (code: number | null, ending: string) => resolve(this.#conclude(code, ending));
      child.once('error', (error) => settle(null, `its process could not be started: ${error.message}`));
      child.once('exit', (code, signal) => {
        const ending = signal === null ? `exit status ${code}` : `killed by ${signal}`;
        void this.#drain().then(() => settle(code, ending));
      });
    });
    this.#timers.push(
      setInterval(() => this.#ping(), limits.pingMs),
      setInterval(() => this.#checkMemory(), memoryLookMs),
      setTimeout(() => this.#checkStart(), limits.startMs),
    );
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRegistered(): boolean {
    return this.#isRegistered;
  }

  /** Tells it to stop, and kills it when it has not in time. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#write({ class: 'stop' });
    this.#timers.push(setTimeout(() => killGroup(this.#child), graceMs));
  }

  /** Hands it an alert of another module. False when it does not read: then nothing was handed over. */
  forward({ fields, ...alert }: RaisedAlert): boolean {
    const { stdin } = this.#child;
    if (stdin === null || stdin.destroyed || stdin.writableLength > mostUnread) return false;
    this.#write({ class: 'alert', parameters: { ...alert, fields: { ...fields } } });
    return true;
  }

  /** Acknowledges its alerts up to `number`: once for all that were kept together. */
  #acknowledge(number: number): void {
    if (this.#kept === undefined) {
      queueMicrotask(() => {
        const upTo = this.#kept!;
        this.#kept = undefined;
        // One that does not read learns it from a later one, or tells its alerts again.
        const isReading = (this.#child.stdin?.writableLength ?? 0) <= mostUnread;
        if (isReading) this.#write({ class: 'ack', parameters: { number: upTo } });
      });
    }
    this.#kept = number;
  }

  #write(message: Message): void {
    const { stdin } = this.#child;
    if (stdin?.writable) stdin.write(encodeMessage(message));
  }

  async #listen(): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) return;
    const messages = new Pace(messagePace.perSecond, messagePace.burst);
    const bytes = new Pace(bytePace.perSecond, bytePace.burst);
    try {
      for await (const line of linesOf(stdout, longestLine)) {
        this.#take(line);
        const waitMs = Math.max(messages.spend(1), bytes.spend(line.length));
        // While nobody reads, the instance holds what it has to say, and drops and counts what is too much.
        if (waitMs > 20) await sleep(waitMs);
      }
    } catch (error) {
      this.#kill(`its output cannot be read: ${(error as Error).message}`);
    }
  }

  #take(line: string): void {
    const { log, onRegistered, onAlert, onDropped } = this.#order;
    const message = read(line);
    switch (message?.class) {
      case 'ping':
        clearTimeout(this.#deadline);
        this.#deadline = undefined;
        return;
      case 'log':
        log.say(message.parameters.message);
        if (message.parameters.dropped !== undefined) onDropped(message.parameters.dropped);
        return;
      case 'register':
        if (!this.#isRegistered) onRegistered();
        this.#isRegistered = true;
        return;
      case 'alert': {
        const { number, id, again, dropped, ...said } = message.parameters;
        const { message: text, fields = {}, time = new Date().toISOString() } = said;
        const onKept = number === undefined ? undefined : () => this.#acknowledge(number);
        onAlert({ message: text, fields, time, id, again, dropped }, onKept);
        return;
      }
      default:
        log.say(`what is no message of a module: ${line.slice(0, 200)}`);
        if (++this.#nonsense >= mostNonsense) this.#kill(`it wrote ${mostNonsense} lines that are no messages`);
    }
  }

  #ping(): void {
    if (this.#deadline !== undefined || this.#isStopping) return;
    this.#write({ class: 'ping' });
    const { deadlineMs } = this.#order.limits;
    // A little longer than that: an agent that was busy itself has yet to read the answer.
    this.#deadline = setTimeout(() => {
      this.#deadline = setTimeout(
        () => this.#kill(`it did not answer a ping within ${formatDuration(deadlineMs)}`),
        250,
      );
    }, deadlineMs);
  }

  #checkMemory(): void {
    const { memoryMb } = this.#order.limits;
    const residentMb = residentMemoryMb(this.#child.pid);
    if (residentMb > memoryMb) {
      this.#kill(`it used ${Math.round(residentMb)} MiB of memory, more than its ${memoryMb}`);
    }
  }

  #checkStart(): void {
    if (!this.#isRegistered) this.#kill(`it did not start within ${formatDuration(this.#order.limits.startMs)}`);
  }

  #kill(verdict: string): void {
    this.#verdict ??= verdict;
    killGroup(this.#child);
  }

  /** Resolves when everything that it wrote was read; a child of its own may hold the pipes open, and is not awaited. */
  async #drain(): Promise<void> {
    await Promise.race([this.#listening.catch(() => {}), sleep(1_000, undefined, { ref: false })]);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #conclude(code: number | null, ending: string): Ending {
    for (const timer of [...this.#timers, this.#deadline]) clearTimeout(timer);
    this.#forget();
    const { log, host } = this.#order;
    log.tellLeft();
    const livedMs = performance.now() - this.#started;
    if (this.#isStopping) return { outcome: 'stopped', reason: ending, livedMs };
    if (this.#verdict !== undefined) return { outcome: 'failed', reason: `${this.#verdict}, and was killed`, livedMs };
    if (code === snapshotRefused && host.nodeFlags.length > 0) return { outcome: 'refused', reason: ending, livedMs };
    if (code === persistentExit.unavailable) return { outcome: 'unavailable', reason: log.last || ending, livedMs };
    if (code === persistentExit.stopped) ending = 'it ended without being asked to';
    return { outcome: 'failed', reason: log.last === '' ? ending : `${ending}: ${log.last}`, livedMs };
  }
}

/** Undefined for a line that is no message. */
function read(line: string): Message | undefined {
  try {
    return decodeMessage(line);
  } catch {
    return undefined;
  }
}
