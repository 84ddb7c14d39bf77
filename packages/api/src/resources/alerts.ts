/** Alerts that modules on endpoints have raised. */
import { AlertMessage, Timestamp, Uuid } from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';
import { PageQuery, pageOf } from '../contract/paging.ts';

export const Alert = z
  .object({
    ...AlertMessage.unwrap().shape,
    agentid: Uuid,
    agentname: z.string(),
    receivetime: Timestamp,
    change: z.int().describe('The cursor: in the order in which they were stored.'),
  })
  .readonly();
export type Alert = z.output<typeof Alert>;

const filters = {
  target: z.string().max(65_536).optional().describe('Only those of these agents.'),
  module: z.string().max(64).optional(),
};

export const listAlerts = endpoint({
  method: 'GET',
  path: '/alerts',
  permission: 'read',
  summary: 'Alerts, the newest first.',
  query: PageQuery.extend(filters),
  response: pageOf(Alert),
});

export const followAlerts = endpoint({
  method: 'GET',
  path: '/alerts/events',
  permission: 'read',
  summary: 'Alerts as they are stored. Goes on from the event `Last-Event-ID`.',
  query: z.object({ ...filters, after: z.coerce.number().int().min(0).optional() }),
  events: { alert: Alert },
});
