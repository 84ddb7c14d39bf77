/** Who did what through the platform: a log that can only grow, each entry bound to the one before. */
import { Timestamp } from '@mig/action';
import { z } from 'zod';
import { endpoint } from '../contract/endpoint.ts';
import { PageQuery, pageOf } from '../contract/paging.ts';

export const AuditEntry = z
  .object({
    number: z.int().describe('From 1, without a gap.'),
    time: Timestamp,
    actor: z.string(),
    event: z.string(),
    subject: z.string(),
    details: z.record(z.string(), z.unknown()).readonly(),
    previous: z.string().describe('The hash of the entry before.'),
    hash: z.string().describe('SHA-256 in hexadecimal, over the entry and `previous`.'),
  })
  .readonly();
export type AuditEntry = z.output<typeof AuditEntry>;

export const AuditVerification = z
  .object({
    entries: z.int(),
    intact: z.boolean(),
    broken: z.object({ number: z.int(), reason: z.string() }).readonly().nullable(),
    head: z.string().describe('The hash of the last entry: keep it elsewhere, and a log cut short is noticed too.'),
  })
  .readonly();
export type AuditVerification = z.output<typeof AuditVerification>;

export const listAudit = endpoint({
  method: 'GET',
  path: '/audit',
  permission: 'admin',
  summary: 'The audit log, the newest first.',
  query: PageQuery,
  response: pageOf(AuditEntry),
});

export const verifyAudit = endpoint({
  method: 'GET',
  path: '/audit/verification',
  permission: 'admin',
  summary: 'Whether the audit log is as it was written.',
  response: AuditVerification,
});
