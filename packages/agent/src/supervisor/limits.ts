/** The bounds of what the supervisor allows instances. */

export interface InstanceLimits {
  /** How often an instance is pinged. */
  readonly pingMs: number;
  /** How long it may take to answer. */
  readonly deadlineMs: number;
  /** How long it may take until it does its work. */
  readonly startMs: number;
  /** Most resident memory, in MiB. */
  readonly memoryMb: number;
}

export interface RestartLimits {
  /** The pause before it is started again; it doubles with each failure in a row. */
  readonly pauseMs: number;
  /** An instance that ran for so long did not fail at once: counting begins anew. */
  readonly settledMs: number;
  /** After so many failures in a row it is given up. */
  readonly tries: number;
}

/** Longest pause before a module is started again. */
export const longestPauseMs = 300_000;
/** How long an instance may take to end when it is told to, before it is killed. */
export const graceMs = 5_000;
/** How often the memory of an instance is looked at. */
export const memoryLookMs = 1_000;

/** Longest line that an instance may write, in bytes: an alert is at most a quarter of it. */
export const longestLine = 1024 * 1024;
/** Messages that are read from an instance: on average in a second, and at once after a pause. Then it has to wait. */
export const messagePace = { perSecond: 2_000, burst: 20_000 } as const;
export const bytePace = { perSecond: 2 * 1024 * 1024, burst: 32 * 1024 * 1024 } as const;
/** Lines of an instance that go into the agent's log; beyond it they are counted. */
export const logPace = { perSecond: 5, burst: 50 } as const;
/** Lines that are no message, after which an instance is ended. */
export const mostNonsense = 100;
/** Alerts that are held for a module that receives them, while it does not take any. */
export const mostHeld = 10_000;
/** Bytes that may wait in the pipe to an instance. */
export const mostUnread = 8 * 1024 * 1024;
