/** Who may use the platform, and with which keys. */
import { Fingerprint, Timestamp, Uuid } from '@mig/action';
import { z } from 'zod';
import { endpoint, PermissionName } from '../contract/endpoint.ts';
import { PageQuery, pageOf } from '../contract/paging.ts';

export const InvestigatorStatus = z.enum(['active', 'disabled']);
export type InvestigatorStatus = z.output<typeof InvestigatorStatus>;

const name = z.string().min(1).max(255);
const permissions = z.array(PermissionName).readonly();

export const Investigator = z
  .object({
    id: Uuid,
    name,
    fingerprint: Fingerprint,
    publickey: z.string().describe('Armored.'),
    status: InvestigatorStatus,
    permissions,
    createtime: Timestamp,
    lastmodifiedtime: Timestamp,
  })
  .readonly();
export type Investigator = z.output<typeof Investigator>;

export const ApiKey = z
  .object({
    id: Uuid,
    name,
    createtime: Timestamp,
    expiretime: Timestamp.nullable(),
    lastusedtime: Timestamp.nullable(),
  })
  .readonly();
export type ApiKey = z.output<typeof ApiKey>;

const InvestigatorId = z.object({ id: Uuid });

export const listInvestigators = endpoint({
  method: 'GET',
  path: '/investigators',
  permission: 'read',
  summary: 'Investigators by name.',
  query: PageQuery,
  response: pageOf(Investigator),
});

export const getSelf = endpoint({
  method: 'GET',
  path: '/investigators/self',
  permission: 'read',
  summary: 'The investigator who asks.',
  response: Investigator,
});

export const getInvestigator = endpoint({
  method: 'GET',
  path: '/investigators/:id',
  permission: 'read',
  summary: 'One investigator.',
  params: InvestigatorId,
  response: Investigator,
});

export const createInvestigator = endpoint({
  method: 'POST',
  path: '/investigators',
  permission: 'admin',
  summary: 'Adds an investigator with a public key.',
  body: z.strictObject({ name, publickey: z.string().max(262_144), permissions }),
  response: Investigator,
  success: 201,
});

export const updateInvestigator = endpoint({
  method: 'PATCH',
  path: '/investigators/:id',
  permission: 'admin',
  summary: 'Renames, disables, permits; a new copy of the key may carry a revocation.',
  params: InvestigatorId,
  body: z.strictObject({
    name: name.optional(),
    status: InvestigatorStatus.optional(),
    permissions: permissions.optional(),
    publickey: z.string().max(262_144).optional(),
  }),
  response: Investigator,
});

export const listApiKeys = endpoint({
  method: 'GET',
  path: '/investigators/:id/apikeys',
  permission: 'read',
  summary: 'The API keys of an investigator: your own, unless you administrate.',
  params: InvestigatorId,
  response: z.array(ApiKey).readonly(),
});

export const createApiKey = endpoint({
  method: 'POST',
  path: '/investigators/:id/apikeys',
  permission: 'read',
  summary: 'Makes an API key for programs. It is shown this once.',
  params: InvestigatorId,
  body: z.strictObject({ name, expiretime: Timestamp.optional() }),
  response: z.object({ ...ApiKey.unwrap().shape, key: z.string() }).readonly(),
  success: 201,
});

export const deleteApiKey = endpoint({
  method: 'DELETE',
  path: '/investigators/:id/apikeys/:keyid',
  permission: 'read',
  summary: 'Ends an API key.',
  params: InvestigatorId.extend({ keyid: Uuid }),
  success: 204,
});
