/** Where a stream goes on: the id of the last event that the client took. */
import type { FastifyRequest } from 'fastify';
import { Refused } from './api-context.ts';

/** Undefined when the client begins. Throws Refused for what is no id of ours. */
export function lastEventId({ headers }: FastifyRequest): number | undefined {
  const given = headers['last-event-id'];
  if (given === undefined || given === '') return undefined;
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  throw new Refused('BAD_REQUEST', `Last-Event-ID: expected the id of an event, got '${String(given)}'`);
}
