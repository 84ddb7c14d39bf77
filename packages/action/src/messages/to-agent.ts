/** What the platform says to one agent. Messages are of machines: keys that the reader does not know are ignored. */
import { z } from 'zod';
import { Timestamp } from '../document/action.ts';
import { Envelope } from '../envelope/envelope.ts';
import { Uuid } from '../identifiers/uuid.ts';

/** Run this action. The agent trusts nothing here but what the envelope's signatures say. */
export const CommandMessage = z
  .object({ commandid: Uuid, actionid: Uuid, envelope: Envelope, senttime: Timestamp })
  .readonly();
export type CommandMessage = z.output<typeof CommandMessage>;

/** Stop running this command, and do not start it. */
export const CancelMessage = z
  .object({ commandid: Uuid, actionid: Uuid, reason: z.string().max(1024), senttime: Timestamp })
  .readonly();
export type CancelMessage = z.output<typeof CancelMessage>;

/**
 * The platform is done with a result or an alert, and the agent may forget it. `stored`: it is safe in the database.
 * `refused`: it will never be taken, for `reason`; sending it again does not help.
 */
export const AcknowledgementMessage = z
  .object({
    of: z.enum(['result', 'alert']),
    id: Uuid.describe('The commandid of the result, or the id of the alert.'),
    outcome: z.enum(['stored', 'refused']),
    reason: z.string().max(1024).optional(),
  })
  .readonly();
export type AcknowledgementMessage = z.output<typeof AcknowledgementMessage>;
