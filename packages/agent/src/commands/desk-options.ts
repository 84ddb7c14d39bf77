/** What the desk of commands is given: where it keeps things, how it runs and tells, and its bounds. */
import type { ResultMessage } from '@mig/action';
import type { Logger } from '@mig/daemon';
import type { AnyModule, Registry, Result } from '@mig/module';
import type { Journal } from '../journal/journal.ts';
import type { PolicyReader } from '../policy/policy.ts';
import type { Spool } from '../spool/spool.ts';

/** Runs one operation in a process of its own; never rejects. `signal` stops it. */
export type RunOperation = (module: AnyModule, parameters: unknown, signal: AbortSignal) => Promise<Result>;

export interface DeskOptions {
  readonly fleet: string;
  readonly modules: Registry;
  readonly policy: PolicyReader;
  readonly journal: Journal;
  readonly spool: Spool;
  readonly runOperation: RunOperation;
  /** Sends a result that is in the spool; returns at once, and never throws. */
  readonly send: (result: ResultMessage) => void;
  /** Whether results are masked: extra privacy mode. */
  readonly isPrivate: boolean;
  readonly limits: {
    readonly actions: number;
    readonly queued: number;
    readonly timeoutMs: number;
  };
  readonly log: Logger;
}
