/** How agents become part of the fleet, and stay in it. */
import { createUuid, queueLocation } from '@mig/action';
import {
  createEnrolmentToken,
  deleteEnrolmentToken,
  type Enrolled,
  enrol,
  listEnrolmentTokens,
  renewEnrolment,
} from '@mig/api';
import { appendAudit } from '../../audit/audit-log.ts';
import { fingerprintOf, issueAgent } from '../../certificates/issue.ts';
import { findAgent, insertAgent } from '../../database/agents.ts';
import * as tokens from '../../database/enrolment-tokens.ts';
import { inTransaction } from '../../database/in-turn.ts';
import { Refused, required } from '../api-context.ts';
import { createSecret, hashOf } from '../authentication.ts';
import { provenAgent } from '../proven-agent.ts';
import type { Router } from '../route.ts';

const standardMs = 7 * 86_400_000;

export function routeEnrolment({ context, on }: Router): void {
  const { database, authority, fleet, relayUrls } = context;
  const { db } = database;
  const authorityFingerprint = fingerprintOf(authority.cert);

  on(listEnrolmentTokens, () => tokens.listTokens(db));

  on(createEnrolmentToken, async ({ body: { name, tags, uses, expiretime }, caller }) => {
    const end = expiretime ?? new Date(Date.now() + standardMs).toISOString();
    if (!(Date.parse(end) > Date.now())) {
      throw new Refused('BAD_REQUEST', `body: expiretime: expected a time to come, got '${end}'`);
    }
    const { secret, hash } = createSecret();
    const token = { name, tags, usesleft: uses, expiretime: end, createdby: caller.name, hash };
    return inTransaction(db, async (transaction) => {
      const made = await tokens.insertToken(transaction, token);
      const details = { name, tags, uses, expiretime: end };
      await appendAudit(transaction, { actor: caller.name, event: 'enrolment token made', subject: made.id, details });
      return { ...made, token: `${secret}.${authorityFingerprint}` };
    });
  });

  on(deleteEnrolmentToken, ({ params: { id }, caller }) =>
    inTransaction(db, async (transaction) => {
      required((await tokens.deleteToken(transaction, id)) || undefined, `enrolment token ${id}`);
      const event = 'enrolment token ended';
      await appendAudit(transaction, { actor: caller.name, event, subject: id, details: {} });
    }),
  );

  const enrolled = (agentid: string, certificate: string): Enrolled => {
    const urls = relayUrls();
    if (urls.length === 0)
      throw new Refused('NOT_READY', 'the relay is not there yet', { wayout: 'Try again in a while.' });
    return { agentid, fleet, certificate, ca: authority.cert, relay: { urls } };
  };

  on(enrol, ({ body: { token, csr, introduction } }) => {
    const [secret = '', fingerprint = ''] = token.split('.');
    if (fingerprint !== authorityFingerprint) {
      throw new Refused(
        'NOT_AUTHENTICATED',
        'the token is of another platform: it ends with the fingerprint of another CA',
      );
    }
    const hash = hashOf(secret);
    // All or nothing: a request that is refused does not use the token up.
    return inTransaction(db, async (transaction) => {
      const tags = await tokens.useToken(transaction, hash);
      if (tags === undefined) throw tokenRefused(await tokens.findToken(transaction, hash));
      const id = createUuid();
      const certificate = await issueAgent(authority, { fleet, agentId: id, csr });
      const { name, environment } = introduction;
      const queueloc = queueLocation({ os: environment.os, name, id });
      await insertAgent(transaction, { id, introduction: { ...introduction, queueloc }, tags });
      const actor = `agent ${id}`;
      await appendAudit(transaction, { actor, event: 'agent enrolled', subject: id, details: { name, tags } });
      return enrolled(id, certificate);
    });
  });

  on(renewEnrolment, async ({ body: { certificate, csr, signature } }) => {
    const id = provenAgent({ certificate, csr, signature, authority: authority.cert, fleet });
    const agent = await findAgent(db, id);
    if (agent === undefined || agent.status === 'destroyed') {
      throw new Refused('NOT_PERMITTED', `agent ${id} is not part of the fleet any more`, {
        wayout: 'Enrol it again with a token.',
      });
    }
    const renewed = enrolled(id, await issueAgent(authority, { fleet, agentId: id, csr }));
    await appendAudit(db, { actor: `agent ${id}`, event: 'certificate renewed', subject: id, details: {} });
    return renewed;
  });
}

/** Who has the secret may know why it is refused. */
function tokenRefused(token: Awaited<ReturnType<typeof tokens.findToken>>): Refused {
  const wayout = 'Ask an administrator for another: mig token create.';
  if (token === undefined)
    return new Refused('NOT_AUTHENTICATED', 'the enrolment token is unknown or was ended', { wayout });
  const reason = token.usesleft === 0 ? `was used up, ${token.uses} times` : `expired at ${token.expiretime}`;
  return new Refused('NOT_AUTHENTICATED', `the enrolment token ${reason}`, { wayout });
}
