/** Actions for tests of what is below the API: nobody signed them. */
import { createAction, createEnvelope, createUuid, encodeAction, type ResultMessage, type Uuid } from '@mig/action';
import { launchAction } from '../database/actions.ts';
import type { Db } from '../database/open-database.ts';

interface SampleOptions {
  readonly name?: string;
  readonly fleet?: string;
  readonly validfrom?: number | undefined;
  readonly expireafter?: number | undefined;
}

/** Launches an action for `agents`; gives it. Times are milliseconds from now. */
export async function launchSample(
  db: Db,
  agents: readonly Uuid[],
  { name = 'a question', fleet = 'lab', validfrom = -60_000, expireafter = 60_000 }: SampleOptions = {},
) {
  const at = (fromNow: number) => new Date(Date.now() + fromNow).toISOString();
  const action = createAction({
    fleet,
    name,
    target: 'all',
    operations: [{ module: 'example', parameters: { gethostname: true } }],
    validfrom: at(validfrom),
    expireafter: at(expireafter),
  });
  const envelope = createEnvelope(encodeAction(action));
  const signatures = [{ valid: true, fingerprint: 'A'.repeat(40), investigator: 'Dana' }] as never;
  const launch = { action, envelope, signatures, agents };
  await launchAction(db, launch);
  return launch;
}

/** What an agent answers to a command of `actionid`. */
export function answerOf(commandid: Uuid, actionid: Uuid, more: Partial<ResultMessage> = {}): ResultMessage {
  const time = '2026-01-01T00:00:00.000Z';
  const result = { foundanything: true, success: true, elements: { x: 1 }, statistics: null, errors: null };
  return {
    commandid,
    actionid,
    status: 'success',
    results: [result],
    refusals: [],
    starttime: time,
    finishtime: time,
    ...more,
  };
}

/** An id that nothing has. */
export const nobody: Uuid = createUuid();
