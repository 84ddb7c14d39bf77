/** A command: one action for one agent, and what became of it. */
import { z } from 'zod';
import { Timestamp } from '../document/action.ts';
import { type ErrorCode, errorCodes } from '../errors/registry.ts';
import { Uuid } from '../identifiers/uuid.ts';
import { mostOperations } from '../text/limits.ts';

/**
 * `pending`: not sent yet. `sent`: the agent has it, or will when it connects. `success`: every operation was run.
 * `failed`: the agent refused the action, or an operation could not do its work. `cancelled`: an investigator stopped
 * it. `expired`: its time ran out before it ran. `timeout`: an operation took longer than it may.
 */
export const CommandStatus = z.enum(['pending', 'sent', 'success', 'failed', 'cancelled', 'expired', 'timeout']);
export type CommandStatus = z.output<typeof CommandStatus>;

/** The statuses that a command ends in, and the ones that an agent can report. */
export const FinalStatus = z.enum(['success', 'failed', 'cancelled', 'expired', 'timeout']);
export type FinalStatus = z.output<typeof FinalStatus>;

/** Whether a command of this status is done with, for good. */
export function isFinal(status: CommandStatus): status is FinalStatus {
  return status !== 'pending' && status !== 'sent';
}

/** The result of one operation, as the module's contract has it. */
export const OperationResult = z
  .object({
    foundanything: z.boolean(),
    success: z.boolean(),
    elements: z.unknown(),
    statistics: z.unknown(),
    errors: z.array(z.string()).readonly().nullable(),
  })
  .readonly();
export type OperationResult = z.output<typeof OperationResult>;

/**
 * Why an agent would not run an action, or one operation of it (`operation` is its index; null means the whole action).
 * `code` is one of this package's, or of a newer version's.
 */
export const ReportedRefusal = z
  .object({
    operation: z
      .int()
      .min(0)
      .max(mostOperations - 1)
      .nullable(),
    code: z.string().max(64),
    message: z.string().max(4096),
  })
  .readonly();
export type ReportedRefusal = z.output<typeof ReportedRefusal>;

/** Whether this version knows the code of a refusal that an agent reported. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** `results` has one entry for each operation, in order; it is null until there is a final status, and when none ran. */
export const Command = z
  .object({
    id: Uuid,
    actionid: Uuid,
    agentid: Uuid,
    status: CommandStatus,
    results: z.array(OperationResult).max(mostOperations).readonly().nullable(),
    refusals: z.array(ReportedRefusal).readonly(),
    starttime: Timestamp.nullable(),
    finishtime: Timestamp.nullable(),
  })
  .readonly();
export type Command = z.output<typeof Command>;
