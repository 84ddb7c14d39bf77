/**
 * What an agent says to the platform. None of these names the agent: the topic does, and the relay lets an agent
 * publish under its own topics only. Keys that the reader does not know are ignored.
 */
import { z } from 'zod';
import { Timestamp } from '../document/action.ts';
import { Uuid } from '../identifiers/uuid.ts';
import { mostOperations } from '../text/limits.ts';
import { AgentIntroduction } from './agent.ts';
import { FinalStatus, OperationResult, ReportedRefusal } from './command.ts';

const count = z.int().nonnegative();

/**
 * First message of every connection: who this is, and which commands it still holds: running, or with a result that
 * was not acknowledged. `session` is new for each connection; presence carries the same.
 */
export const HelloMessage = z
  .object({
    session: Uuid,
    time: Timestamp,
    agent: AgentIntroduction,
    held: z.array(Uuid).max(10_000).readonly(),
  })
  .readonly();
export type HelloMessage = z.output<typeof HelloMessage>;

/** Sent at intervals. `agent` comes along when something about it has changed. */
export const HeartbeatMessage = z
  .object({
    session: Uuid,
    time: Timestamp,
    running: count.describe('Commands that run now.'),
    spooled: count.describe('Results that wait to be acknowledged.'),
    agent: AgentIntroduction.optional(),
  })
  .readonly();
export type HeartbeatMessage = z.output<typeof HeartbeatMessage>;

/**
 * Retained, so that who subscribes later knows as well. The broker publishes `online: false` for the agent when the
 * connection breaks (MQTT 5.0, section 3.1.2.5, the will), with the session that broke: compare it with the session of
 * the last hello, since the end of an old connection can be told after the start of a new one.
 */
export const PresenceMessage = z.object({ online: z.boolean(), session: Uuid, time: Timestamp }).readonly();
export type PresenceMessage = z.output<typeof PresenceMessage>;

/**
 * What became of a command. `results` has one entry for each operation, in order; it is null when the action was
 * refused as a whole, and `refusals` says why. Sent again, unchanged, until it is acknowledged.
 */
export const ResultMessage = z
  .object({
    commandid: Uuid,
    actionid: Uuid,
    status: FinalStatus,
    results: z.array(OperationResult).max(mostOperations).readonly().nullable(),
    refusals: z
      .array(ReportedRefusal)
      .max(4 * mostOperations)
      .readonly(),
    starttime: Timestamp,
    finishtime: Timestamp,
  })
  .readonly();
export type ResultMessage = z.output<typeof ResultMessage>;

/** Raised by a persistent module. `fields` are metadata by the module's own declaration. */
export const AlertMessage = z
  .object({
    id: Uuid,
    module: z.string().min(1).max(64),
    time: Timestamp,
    message: z.string().max(4096),
    fields: z.record(z.string().max(255), z.unknown()).readonly(),
  })
  .readonly();
export type AlertMessage = z.output<typeof AlertMessage>;
