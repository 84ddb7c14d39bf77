/** Logging in: an investigator signs a challenge and gets a token that is good for a while. */
import { Envelope, Fingerprint, FleetName, Timestamp, Uuid } from '@mig/action';
import { z } from 'zod';
import { endpoint, PermissionName } from '../contract/endpoint.ts';

export const Challenge = z.object({ id: Uuid, fleet: FleetName, challenge: z.string(), expires: Timestamp }).readonly();
export type Challenge = z.output<typeof Challenge>;

export const Session = z
  .object({
    token: z.string().describe('Goes into the header: `Authorization: Bearer …`.'),
    expires: Timestamp,
    investigator: z.object({ id: Uuid, name: z.string() }).readonly(),
    permissions: z.array(PermissionName).readonly(),
  })
  .readonly();
export type Session = z.output<typeof Session>;

export const createChallenge = endpoint({
  method: 'POST',
  path: '/challenges',
  permission: 'public',
  summary: 'A challenge to sign. It is given for any fingerprint, so that nobody learns who is an investigator.',
  body: z.strictObject({ fingerprint: Fingerprint }),
  response: Challenge,
  success: 201,
});

export const createSession = endpoint({
  method: 'POST',
  path: '/sessions',
  permission: 'public',
  summary: 'A token, for a challenge that its investigator has signed. A challenge can be used once.',
  body: z.strictObject({ challengeid: Uuid, envelope: Envelope }),
  response: Session,
  success: 201,
});

export const endSession = endpoint({
  method: 'DELETE',
  path: '/sessions/current',
  permission: 'read',
  summary: 'Ends the session of the token that asks.',
  success: 204,
});
