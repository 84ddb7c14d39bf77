/** How an agent is, as its local socket says it. */
import { Environment } from '@mig/action';
import { z } from 'zod';

export const Status = z.object({
  agentid: z.string(),
  fleet: z.string(),
  name: z.string(),
  version: z.string(),
  pid: z.int(),
  starttime: z.string(),
  mode: z.string(),
  relay: z.object({ state: z.enum(['connected', 'disconnected']), since: z.string(), detail: z.string().nullable() }),
  lastheartbeat: z.string().nullable(),
  certificateends: z.string(),
  running: z.array(
    z.object({
      commandid: z.string(),
      actionid: z.string(),
      name: z.string(),
      module: z.string().nullable(),
      starttime: z.string(),
    }),
  ),
  queued: z.int(),
  spooled: z.object({ results: z.int(), bytes: z.int() }),
  /** Since the start: commands left to the platform and results given up for lack of room, failures of the journal. */
  lacked: z.object({ declined: z.int(), dropped: z.int(), unjournaled: z.int() }),
  policy: z.object({ keys: z.int(), permissions: z.array(z.string()), problem: z.string().nullable() }),
  privacy: z.boolean(),
  /** The process that waits for the next operation; null when none does. */
  spare: z.int().nullable(),
  /** The modules that stay. */
  persistent: z
    .array(
      z.object({
        name: z.string(),
        state: z.string(),
        since: z.string(),
        reason: z.string().nullable(),
        pid: z.int().nullable(),
        restarts: z.int(),
        /** Alerts of other modules that it did not take. */
        undelivered: z.int(),
      }),
    )
    .readonly(),
  /** Alerts, by the module that raised them: those that the platform has not acknowledged, and those lost. */
  alerts: z.array(z.object({ module: z.string(), waiting: z.int(), dropped: z.int() })),
  environment: Environment,
});
export type Status = z.output<typeof Status>;
