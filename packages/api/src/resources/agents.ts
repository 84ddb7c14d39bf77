/** The agents of the fleet. */
import { Agent, AgentStatus, Tags, Uuid } from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';
import { PageQuery, pageOf } from '../contract/paging.ts';

const AgentId = z.object({ id: Uuid });

export const listAgents = endpoint({
  method: 'GET',
  path: '/agents',
  permission: 'read',
  summary: 'Agents by name.',
  query: PageQuery.extend({
    target: z.string().max(65_536).optional().describe('A condition or a macro.'),
    hostname: z.string().max(255).optional().describe('Name of the machine that asks, for the macro `local`.'),
    status: AgentStatus.optional(),
    name: z.string().max(255).optional().describe('A part of the name.'),
  }),
  response: pageOf(Agent),
});

/** How many agents there are of a kind, by their status. */
const CountsByStatus = z.object({ online: z.int(), idle: z.int(), offline: z.int() });

export const AgentCounts = z
  .object({
    ...CountsByStatus.shape,
    destroyed: z.int().describe('They are in no group.'),
    groups: z
      .array(z.object({ os: z.string(), arch: z.string(), version: z.string(), ...CountsByStatus.shape }).readonly())
      .readonly()
      .describe('Agents by what they run on and are, the largest group first.'),
  })
  .readonly();
export type AgentCounts = z.output<typeof AgentCounts>;

export const getAgentCounts = endpoint({
  method: 'GET',
  path: '/agents/counts',
  permission: 'read',
  summary: 'How many agents there are, by status, system and version.',
  response: AgentCounts,
});

export const getAgent = endpoint({
  method: 'GET',
  path: '/agents/:id',
  permission: 'read',
  summary: 'One agent.',
  params: AgentId,
  response: Agent,
});

export const updateAgent = endpoint({
  method: 'PATCH',
  path: '/agents/:id',
  permission: 'admin',
  summary: 'Sets the tags of an agent; they replace those that it has.',
  params: AgentId,
  body: z.strictObject({ tags: Tags }),
  response: Agent,
});

export const destroyAgent = endpoint({
  method: 'DELETE',
  path: '/agents/:id',
  permission: 'admin',
  summary: 'Takes an agent out of the fleet: its certificate is refused from now on.',
  params: AgentId,
  response: Agent,
});

export const followAgents = endpoint({
  method: 'GET',
  path: '/agents/events',
  permission: 'read',
  summary: 'Every agent as it is now, then each that comes or goes, as it happens.',
  events: { agent: Agent },
});
