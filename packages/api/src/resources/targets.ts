/** How many agents a target selects, before anything is launched. */
import { ActionTarget, Uuid } from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';

export const TargetCount = z
  .object({
    condition: z.string().describe('The condition with its macro filled in: what is to be signed.'),
    count: z.int(),
    online: z.int(),
    idle: z.int(),
    offline: z.int(),
    sample: z.array(z.string()).readonly().describe('Names of some of them.'),
  })
  .readonly();
export type TargetCount = z.output<typeof TargetCount>;

export const countTarget = endpoint({
  method: 'POST',
  path: '/targets/count',
  permission: 'read',
  summary: 'Which agents a condition or a macro selects.',
  body: z.strictObject({
    target: ActionTarget,
    hostname: z.string().max(255).optional().describe('Name of the machine that asks, for the macro `local`.'),
    found: z.array(Uuid).max(16).optional().describe('Only agents that found something in this action.'),
    notfound: z.array(Uuid).max(16).optional().describe('Only agents that answered this action and found nothing.'),
  }),
  response: TargetCount,
});
