/** What the platform is, told to anybody. */
import { FleetName } from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';

export const Status = z
  .object({
    fleet: FleetName,
    version: z.string(),
    ready: z.boolean(),
    time: z.string().describe('The clock of the platform.'),
  })
  .readonly();
export type Status = z.output<typeof Status>;

export const getStatus = endpoint({
  method: 'GET',
  path: '/status',
  permission: 'public',
  summary: 'Which fleet this is, and whether it is ready.',
  response: Status,
});
