/** How agents become part of the fleet. */
import { AgentIntroduction, FleetName, Tags, Timestamp, Uuid } from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';

export const EnrolmentToken = z
  .object({
    id: Uuid,
    name: z.string(),
    tags: Tags,
    uses: z.int().describe('How often it was used.'),
    usesleft: z.int().nullable().describe('null: as often as wanted.'),
    expiretime: Timestamp,
    createtime: Timestamp,
    createdby: z.string(),
  })
  .readonly();
export type EnrolmentToken = z.output<typeof EnrolmentToken>;

export const listEnrolmentTokens = endpoint({
  method: 'GET',
  path: '/enrolment-tokens',
  permission: 'admin',
  summary: 'Enrolment tokens, without their secrets.',
  response: z.array(EnrolmentToken).readonly(),
});

export const createEnrolmentToken = endpoint({
  method: 'POST',
  path: '/enrolment-tokens',
  permission: 'admin',
  summary: 'Makes a token with which agents enrol. It is shown this once.',
  body: z.strictObject({
    name: z.string().max(255).default(''),
    tags: Tags.default({}),
    uses: z.int().min(1).nullable().default(null),
    expiretime: Timestamp.optional().describe('Default: in seven days.'),
  }),
  response: z
    .object({
      ...EnrolmentToken.unwrap().shape,
      token: z.string().describe('A secret, a full stop, and the SHA-256 of the CA certificate in hexadecimal.'),
    })
    .readonly(),
  success: 201,
});

export const deleteEnrolmentToken = endpoint({
  method: 'DELETE',
  path: '/enrolment-tokens/:id',
  permission: 'admin',
  summary: 'Ends a token; agents that enrolled with it stay.',
  params: z.object({ id: Uuid }),
  success: 204,
});

/** What an agent gets. PEM. */
export const Enrolled = z
  .object({
    agentid: Uuid,
    fleet: FleetName,
    certificate: z.string(),
    ca: z.string(),
    relay: z.object({ urls: z.array(z.string()).min(1).readonly() }).readonly(),
  })
  .readonly();
export type Enrolled = z.output<typeof Enrolled>;

const csr = z.string().max(16_384).describe('PKCS #10, PEM. Of its content only the public key is taken.');

export const enrol = endpoint({
  method: 'POST',
  path: '/enrolments',
  permission: 'agent',
  summary: 'Makes an agent part of the fleet.',
  body: z.object({ token: z.string().max(512), csr, introduction: AgentIntroduction }),
  response: Enrolled,
  success: 201,
});

export const renewEnrolment = endpoint({
  method: 'POST',
  path: '/enrolments/renewal',
  permission: 'agent',
  summary: 'A new certificate for an agent, before its old one expires.',
  body: z.object({
    certificate: z.string().max(16_384).describe('The old one, PEM.'),
    csr,
    signature: z.string().max(1024).describe('Of the bytes of `csr`, made with the old key: ECDSA, SHA-256, base64.'),
  }),
  response: Enrolled,
  success: 201,
});
