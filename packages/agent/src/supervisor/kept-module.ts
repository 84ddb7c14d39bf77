/** A module that is kept running: started, started again after a pause that grows, and given up when that does not help. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@mig/daemon';
import type { AnyPersistentModule, RaisedAlert } from '@mig/module';
import type { HostBundle } from '@mig/module/runner';
import { InstanceLog } from './instance-log.ts';
import { type Ending, type InstanceOrder, InstanceProcess } from './instance-process.ts';
import { longestPauseMs, mostHeld, type RestartLimits } from './limits.ts';

export type KeptState = 'starting' | 'running' | 'waiting' | 'failed' | 'unavailable' | 'stopped';

export interface KeptModuleOptions extends Omit<InstanceOrder, 'log' | 'onRegistered'> {
  readonly restarts: RestartLimits;
  readonly agentLog: Logger;
  readonly onChange: () => void;
}

/** How long to wait when it does not take an alert. */
const catchUpMs = 250;

export class KeptModule {
  readonly module: AnyPersistentModule;
  readonly #options: KeptModuleOptions;
  readonly #stopper = new AbortController();
  readonly #done: Promise<void>;
  #host: HostBundle;
  #instance: InstanceProcess | undefined;
  #state: KeptState = 'starting';
  #since = new Date();
  #reason: string | undefined;
  #failures = 0;
  #starts = 0;
  /** Alerts of others that it has not been handed yet. */
  #held: RaisedAlert[] = [];
  #undelivered = 0;
  #untold = 0;
  #later: NodeJS.Timeout | undefined;

  /** Starts it. */
  constructor(options: KeptModuleOptions) {
    this.#options = options;
    this.module = options.module;
    this.#host = options.host;
    this.#done = this.#keep();
  }

  get state(): KeptState {
    return this.#state;
  }

  get since(): Date {
    return this.#since;
  }

  /** Why it is not running; where it is, why it was started again last. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get pid(): number | undefined {
    return this.#state === 'starting' || this.#state === 'running' ? this.#instance?.pid : undefined;
  }

  /** How often it was started again. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** Alerts of others that it did not take. */
  get undelivered(): number {
    return this.#undelivered;
  }

  /** Stops it for good. Resolves when its process has ended. */
  stop(): Promise<void> {
    this.#stopper.abort();
    this.#instance?.stop();
    return this.#done;
  }

  /** Hands it an alert of another module, now or once it runs. Never waits. */
  forward(alert: RaisedAlert): void {
    if (this.#held.length > 0 || !this.#handOver(alert)) {
      if (this.#held.length < mostHeld) this.#held.push(alert);
      else {
        this.#undelivered++;
        this.#untold++;
      }
      this.#later ??= setTimeout(() => this.#catchUp(), catchUpMs);
    }
  }

  /** Hands over what is held, as much as is taken. */
  #catchUp(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    let count = 0;
    while (count < this.#held.length && this.#handOver(this.#held[count]!)) count++;
    this.#held.splice(0, count);
    if (this.#held.length === 0 && this.#untold > 0 && this.#handOver(this.#dropNotice())) this.#untold = 0;
    const isLeft = this.#held.length > 0 || this.#untold > 0;
    if (isLeft && this.#state === 'running') this.#later = setTimeout(() => this.#catchUp(), catchUpMs);
  }

  #handOver(alert: RaisedAlert): boolean {
    return this.#state === 'running' && (this.#instance?.forward(alert) ?? false);
  }

  #dropNotice(): RaisedAlert {
    const message = `${this.#untold} alerts were dropped here: ${this.module.name} did not take them in time`;
    return {
      id: '',
      module: this.module.name,
      time: new Date().toISOString(),
      message,
      fields: { dropped: this.#untold },
    };
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopper;
    while (!signal.aborted) {
      const ending = await this.#runOnce();
      if (signal.aborted) break;
      if (ending.outcome === 'refused') {
        this.#host = { script: this.#host.script, nodeFlags: [] };
        this.#starts--;
        continue;
      }
      if (!this.#isWorthAnotherTry(ending)) return;
      const pauseMs = Math.min(longestPauseMs, this.#options.restarts.pauseMs * 2 ** (this.#failures - 1));
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
    clearTimeout(this.#later);
    this.#become('stopped', undefined);
  }

  #runOnce(): Promise<Ending> {
    this.#starts++;
    this.#become('starting', this.#reason);
    this.#instance = undefined;
    try {
      this.#instance = this.#start();
    } catch (error) {
      const reason = `its state directory cannot be made: ${(error as Error).message}`;
      return Promise.resolve({ outcome: 'failed', reason, livedMs: 0 });
    }
    return this.#instance.ended;
  }

  #start(): InstanceProcess {
    const { agentLog, module } = this.#options;
    return new InstanceProcess({
      ...this.#options,
      host: this.#host,
      log: new InstanceLog(agentLog, module.name),
      onRegistered: () => {
        if (this.#stopper.signal.aborted) return;
        this.#become('running', this.#reason);
        agentLog.info({ module: module.name, pid: this.#instance?.pid }, 'module runs');
        this.#catchUp();
      },
    });
  }

  #isWorthAnotherTry({ outcome, reason, livedMs }: Ending): boolean {
    const { restarts, agentLog, module } = this.#options;
    if (outcome === 'unavailable') {
      agentLog.error({ module: module.name, reason }, 'module cannot work here, and is not started again');
      this.#become('unavailable', reason);
      return false;
    }
    this.#failures = livedMs >= restarts.settledMs ? 1 : this.#failures + 1;
    if (this.#failures >= restarts.tries) {
      agentLog.error({ module: module.name, reason, tries: restarts.tries }, 'module given up: it fails at once');
      this.#become('failed', `given up after ${restarts.tries} tries in a row: ${reason}`);
      return false;
    }
    agentLog.warn({ module: module.name, reason, failures: this.#failures }, 'module ended, and is started again');
    this.#become('waiting', reason);
    return true;
  }

  #become(state: KeptState, reason: string | undefined): void {
    this.#state = state;
    this.#reason = reason;
    this.#since = new Date();
    this.#options.onChange();
  }
}
