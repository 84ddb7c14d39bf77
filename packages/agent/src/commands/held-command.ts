/** A command that has no answer yet: what came, what was found out about it, and the way to stop it. */
import type { Action, ActionVerdict, CommandMessage, FinalStatus } from '@mig/action';

/** Why a command was stopped while it ran, and the status that it then ends in. */
export interface StopReason {
  readonly status: FinalStatus;
  readonly reason: string;
}

export interface HeldCommand {
  readonly commandid: string;
  readonly actionid: string;
  readonly receiveTime: Date;
  /** Set once it is accepted. */
  readonly action: Action | undefined;
  readonly verdict: ActionVerdict | undefined;
  /** Set once it runs. */
  readonly startTime: Date | undefined;
  /** The module that runs now, for `mig-agent status`. */
  module: string | undefined;
  readonly signal: AbortSignal;
  /** Set once it was stopped. */
  readonly stopped: StopReason | undefined;
  /** Resolves when its run is over and answered. */
  readonly done: Promise<void>;
  /** It may run; `onExpiry` is called when the action's time runs out first. */
  accept(action: Action, verdict: ActionVerdict, onExpiry: () => void): void;
  run(work: () => Promise<void>): Promise<void>;
  stop(reason: StopReason): void;
  /** It is answered: nothing more will be called. */
  release(): void;
}

/** Longest time that a timer can wait (setTimeout takes 31 bits of milliseconds). */
const longestTimerMs = 2 ** 31 - 1;

export function holdCommand({ commandid, actionid }: CommandMessage, receiveTime: Date): HeldCommand {
  const stopper = new AbortController();
  let action: Action | undefined;
  let verdict: ActionVerdict | undefined;
  let startTime: Date | undefined;
  let stopped: StopReason | undefined;
  let timer: NodeJS.Timeout | undefined;
  let done: Promise<void> = Promise.resolve();

  const awaitExpiry = (onExpiry: () => void) => {
    const leftMs = Date.parse(action!.expireafter) - Date.now();
    if (leftMs <= 0) return onExpiry();
    timer = setTimeout(() => awaitExpiry(onExpiry), Math.min(leftMs, longestTimerMs));
  };

  return {
    commandid,
    actionid,
    receiveTime,
    module: undefined,
    signal: stopper.signal,
    get action() {
      return action;
    },
    get verdict() {
      return verdict;
    },
    get startTime() {
      return startTime;
    },
    get stopped() {
      return stopped;
    },
    get done() {
      return done;
    },
    accept(itsAction, itsVerdict, onExpiry) {
      action = itsAction;
      verdict = itsVerdict;
      awaitExpiry(onExpiry);
    },
    run(work) {
      startTime = new Date();
      done = work();
      return done;
    },
    stop(reason) {
      stopped ??= reason;
      stopper.abort(new Error(reason.reason));
    },
    release() {
      clearTimeout(timer);
    },
  };
}
