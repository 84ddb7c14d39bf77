/** The answers of an agent, and what its journal says of them. */
import {
  type ActionVerdict,
  type ErrorCode,
  type ErrorValues,
  type FinalStatus,
  type Refusal,
  type ReportedRefusal,
  type ResultMessage,
  refusal,
} from '@mig/action';
import type { FinishedEntry, RefusedEntry, StartedEntry } from '../journal/entries.ts';
import type { HeldCommand } from './held-command.ts';

/** Makes a refusal of the command as a whole. */
export function refusalNow<Code extends ErrorCode>(code: Code, values: ErrorValues<Code>): Refusal {
  return refusal(code, values);
}

/** A refusal as it is reported; `operation` is null for the whole action. */
export function reported({ code, message }: Refusal, operation: number | null = null): ReportedRefusal {
  return { operation, code, message: message.slice(0, 4096) };
}

export const answer = {
  /** What only came too late is expired, as what waited too long; whatever else is refused has failed. */
  statusOfRefused(refusals: readonly Refusal[]): FinalStatus {
    return refusals.length > 0 && refusals.every(({ code }) => code === 'ACTION_EXPIRED') ? 'expired' : 'failed';
  },

  /** Nothing of the command ran. */
  unrun(
    { commandid, actionid, receiveTime }: HeldCommand,
    status: FinalStatus,
    refusals: readonly Refusal[],
  ): ResultMessage {
    return {
      commandid,
      actionid,
      status,
      results: null,
      refusals: refusals.map((one) => reported(one)),
      starttime: receiveTime.toISOString(),
      finishtime: new Date().toISOString(),
    };
  },

  /** A crash of the agent, or of the machine, cut the run short. It is not repeated: nobody knows how far it came. */
  interrupted({ commandid, actionid, time }: StartedEntry): ResultMessage {
    const now = new Date().toISOString();
    const started = refusal('RUN_INTERRUPTED', { started: time });
    return {
      commandid,
      actionid,
      status: 'failed',
      results: null,
      refusals: [reported(started)],
      starttime: time,
      finishtime: now,
    };
  },

  startedEntry({ commandid, action, verdict, startTime }: HeldCommand): StartedEntry {
    const { id, name, target, expireafter, operations } = action!;
    const time = startTime!.toISOString();
    const asked = operations.map(({ module, parameters }) => ({ module, parameters }));
    const signers = signersOf(verdict);
    return { entry: 'started', time, commandid, actionid: id, name, target, expireafter, signers, operations: asked };
  },

  finishedEntry({ commandid, actionid, status, results, refusals, finishtime }: ResultMessage): FinishedEntry {
    return {
      entry: 'finished',
      time: finishtime,
      commandid,
      actionid,
      status,
      results: results === null ? null : [...results],
      refusals: [...refusals],
    };
  },

  refusedEntry(
    { commandid, actionid, verdict: known }: HeldCommand,
    status: FinalStatus,
    refusals: readonly Refusal[],
    verdict = known,
  ): RefusedEntry {
    return {
      entry: 'refused',
      time: new Date().toISOString(),
      commandid,
      actionid,
      ...(verdict?.action ? { name: verdict.action.name } : {}),
      status,
      signers: signersOf(verdict),
      refusals: refusals.map((one) => reported(one)),
    };
  },
};

/** Those whose signatures are valid. */
function signersOf(verdict: ActionVerdict | undefined): { fingerprint: string; investigator: string }[] {
  return (verdict?.signatures ?? []).flatMap(({ valid, fingerprint, investigator }) =>
    valid ? [{ fingerprint: fingerprint ?? '', investigator: investigator ?? '' }] : [],
  );
}
