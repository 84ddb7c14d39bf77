/** Actions, their commands, and the stream of what becomes of them. */
import {
  ActionName,
  ActionTarget,
  Command,
  CommandStatus,
  Description,
  Envelope,
  Fingerprint,
  Operations,
  Threat,
  Timestamp,
  Uuid,
} from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';
import { PageQuery, pageOf } from '../contract/paging.ts';

/** `pending`: before its window. `inprogress`: some command is open. `finished`: none is. `cancelled`: it was stopped. */
export const ActionStatus = z.enum(['pending', 'inprogress', 'finished', 'cancelled']);
export type ActionStatus = z.output<typeof ActionStatus>;

/** Commands of an action by what became of them. `sent` counts those that wait for an answer. */
export const Counters = z
  .object({
    targeted: z.int(),
    pending: z.int(),
    sent: z.int(),
    delivered: z.int().describe('Commands that agents were sent, whatever became of them.'),
    done: z.int().describe('Commands with a final status.'),
    success: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    expired: z.int(),
    timeout: z.int(),
    found: z.int().describe('Agents that found something.'),
  })
  .readonly();
export type Counters = z.output<typeof Counters>;

/** Who stopped an action, and why. */
export const Cancellation = z.object({ by: z.string(), reason: z.string() }).readonly();
export type Cancellation = z.output<typeof Cancellation>;

export const ActionSummary = z
  .object({
    id: Uuid,
    name: ActionName,
    target: ActionTarget,
    status: ActionStatus,
    validfrom: Timestamp,
    expireafter: Timestamp,
    operations: Operations,
    description: Description.nullable(),
    threat: Threat.nullable(),
    investigators: z.array(z.object({ name: z.string(), fingerprint: Fingerprint }).readonly()).readonly(),
    counters: Counters,
    launchtime: Timestamp,
    finishtime: Timestamp.nullable(),
    cancellation: Cancellation.nullable().default(null).describe('Who cancelled it and why; null when nobody did.'),
  })
  .readonly();
export type ActionSummary = z.output<typeof ActionSummary>;

/** A command with the name of its agent, and the cursor of its last change. */
export const CommandItem = z
  .object({
    ...Command.unwrap().shape,
    agentname: z.string(),
    agentstatus: z.string(),
    lastseen: Timestamp.describe('When the agent was last heard of.'),
    change: z.int(),
  })
  .readonly();
export type CommandItem = z.output<typeof CommandItem>;

const ActionId = z.object({ id: Uuid });

export const createAction = endpoint({
  method: 'POST',
  path: '/actions',
  permission: 'launch',
  summary: 'Launches a signed action. The same envelope again gives the action that it launched.',
  body: Envelope,
  response: ActionSummary,
  success: 201,
});

export const listActions = endpoint({
  method: 'GET',
  path: '/actions',
  permission: 'read',
  summary: 'Actions, the newest first.',
  query: PageQuery.extend({
    status: ActionStatus.optional(),
    name: z.string().max(255).optional().describe('A part of the name.'),
    investigator: z.string().max(255).optional().describe('A part of the name of who signed it.'),
    id: z.string().max(36).optional().describe('How the id begins or ends.'),
  }),
  response: pageOf(ActionSummary),
});

export const getAction = endpoint({
  method: 'GET',
  path: '/actions/:id',
  permission: 'read',
  summary: 'One action.',
  params: ActionId,
  response: ActionSummary,
});

export const getEnvelope = endpoint({
  method: 'GET',
  path: '/actions/:id/envelope',
  permission: 'read',
  summary: 'The envelope as it was launched: payload and signatures.',
  params: ActionId,
  response: Envelope,
});

export const cancelAction = endpoint({
  method: 'POST',
  path: '/actions/:id/cancellation',
  permission: 'launch',
  summary: 'Stops an action: what was not sent is cancelled, who runs it is told to stop.',
  params: ActionId,
  body: z.strictObject({ reason: z.string().max(512).default('no reason given') }),
  response: ActionSummary,
});

export const listCommands = endpoint({
  method: 'GET',
  path: '/actions/:id/commands',
  permission: 'read',
  summary: 'The commands of an action, with their results, by the name of the agent.',
  params: ActionId,
  query: PageQuery.extend({
    status: CommandStatus.optional(),
    open: z.stringbool().optional().describe('Only those without a final status: who has not answered.'),
    found: z.enum(['found', 'notfound', 'all']).default('all'),
  }),
  response: pageOf(CommandItem),
});

export const getCommand = endpoint({
  method: 'GET',
  path: '/commands/:id',
  permission: 'read',
  summary: 'One command, with its results.',
  params: z.object({ id: Uuid }),
  response: CommandItem,
});

/** A command in the list of what an agent was asked: without its results. */
export const AgentCommandItem = z
  .object({
    id: Uuid,
    actionid: Uuid,
    agentid: Uuid,
    actionname: ActionName,
    launchtime: Timestamp,
    status: CommandStatus,
    found: z.boolean(),
    finishtime: Timestamp.nullable(),
  })
  .readonly();
export type AgentCommandItem = z.output<typeof AgentCommandItem>;

export const listAgentCommands = endpoint({
  method: 'GET',
  path: '/agents/:id/commands',
  permission: 'read',
  summary: 'What an agent was asked, the newest first.',
  params: z.object({ id: Uuid }),
  query: PageQuery,
  response: pageOf(AgentCommandItem),
});

export const followAction = endpoint({
  method: 'GET',
  path: '/actions/:id/events',
  permission: 'read',
  summary: 'What becomes of an action, as it happens. Goes on from the event `Last-Event-ID`.',
  params: ActionId,
  query: z.object({
    after: z.coerce.number().int().min(0).optional().describe('As `Last-Event-ID`, for who cannot set it.'),
    found: z.enum(['found', 'notfound', 'all']).default('all').describe('Which answers are wanted.'),
  }),
  events: {
    command: CommandItem,
    progress: Counters,
    end: ActionSummary,
  },
});
