/** Logging in and out. */
import { ActionError, type Login, loginPayloadType, parseLogin, payloadOf, verifySignatures } from '@mig/action';
import { createChallenge, createSession, endSession, type Investigator } from '@mig/api';
import { appendAudit } from '../../audit/audit-log.ts';
import { inTransaction } from '../../database/in-turn.ts';
import { investigatorWithKey } from '../../database/investigators.ts';
import { deleteSession, insertSession, useChallenge } from '../../database/logins.ts';
import { type ApiContext, Refused } from '../api-context.ts';
import { createSecret } from '../authentication.ts';
import { Challenges } from '../challenge.ts';
import type { Router } from '../route.ts';

/** How long a login is good for: a day of work. */
const sessionMs = 8 * 3_600_000;

export function routeLogins({ context, on }: Router): void {
  const { database, fleet, authority, log } = context;
  const { db } = database;
  const challenges = new Challenges(fleet, authority.key);

  on(createChallenge, async ({ body: { fingerprint } }) => challenges.create(fingerprint));

  on(createSession, async ({ body: { challengeid, envelope }, request }) => {
    // One answer for all: nobody learns who is an investigator. The log has the reason.
    const refuse = (reason: string) => {
      log(`api: login from ${request.ip} refused: ${reason}`);
      return new Refused('NOT_AUTHENTICATED', 'the login is not that of an active investigator, or its time is over', {
        wayout: 'Ask for a new challenge and sign it; an administrator adds and enables investigators.',
      });
    };
    const login = readLogin(payloadOf(envelope, loginPayloadType));
    if (login instanceof ActionError) throw refuse(login.message);
    const fingerprint = challenges.fingerprintOf(challengeid, login);
    if (fingerprint === undefined) throw refuse('it is no challenge of this platform, or its time is over');
    const investigator = await investigatorWithKey(db, fingerprint);
    if (investigator === undefined) throw refuse(`no investigator has the key ${fingerprint}`);
    if (investigator.status !== 'active') throw refuse(`${investigator.name} is disabled`);
    const [verdict, ...others] = await verifySignatures(
      envelope,
      await context.keys.keyringOf([investigator]),
      new Date(),
      loginPayloadType,
    );
    if (verdict === undefined || others.length > 0) throw refuse(`expected one signature, got ${others.length + 1}`);
    if (!verdict.valid) throw refuse(verdict.reason?.message ?? 'the signature is not valid');
    if (verdict.fingerprint !== fingerprint) throw refuse('another key has signed it');
    const session = await openSession(context, investigator, { id: challengeid, fingerprint, ...login });
    if (session === undefined) throw refuse('the challenge was used before');
    return session;
  });

  on(endSession, async ({ caller }) => {
    if (caller.by !== 'session') throw new Refused('CONFLICT', 'there is no session to end: no login began it');
    await inTransaction(db, async (transaction) => {
      await deleteSession(transaction, caller.tokenHash!);
      await appendAudit(transaction, { actor: caller.name, event: 'logged out', subject: caller.name, details: {} });
    });
  });
}

function readLogin(payload: Uint8Array): Login | ActionError {
  try {
    return parseLogin(payload);
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
}

/** Undefined when the challenge was used before. */
async function openSession(
  { database }: ApiContext,
  { id, name, permissions }: Investigator,
  used: Login & { readonly id: string; readonly fingerprint: string },
) {
  const { secret, hash } = createSecret();
  const expires = new Date(Date.now() + sessionMs).toISOString();
  return inTransaction(database.db, async (transaction) => {
    const { fingerprint, challenge } = used;
    const isFirst = await useChallenge(transaction, { id: used.id, fingerprint, challenge, expires: used.expires });
    if (!isFirst) return undefined;
    await insertSession(transaction, { hash, investigatorid: id, expires });
    const details = { fingerprint };
    await appendAudit(transaction, { actor: name, event: 'logged in', subject: name, details });
    return { token: secret, expires, investigator: { id, name }, permissions };
  });
}
