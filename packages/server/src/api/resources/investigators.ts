/** Who may use the platform, and with which keys. */
import { ActionError, addKeys, describeKeys, exportKey, readKeyring } from '@mig/action';
import {
  createApiKey,
  createInvestigator,
  deleteApiKey,
  getInvestigator,
  getSelf,
  listApiKeys,
  listInvestigators,
  updateInvestigator,
} from '@mig/api';
import { appendAudit } from '../../audit/audit-log.ts';
import { inTransaction } from '../../database/in-turn.ts';
import * as investigators from '../../database/investigators.ts';
import * as logins from '../../database/logins.ts';
import { type Caller, Refused, required } from '../api-context.ts';
import { apiKeyPrefix, createSecret } from '../authentication.ts';
import { nameCursor, nameCursorOf, readPage } from '../page.ts';
import type { Router } from '../route.ts';

export function routeInvestigators({ context, on }: Router): void {
  const { db } = context.database;
  const find = async (id: string) => required(await investigators.findInvestigator(db, id), `investigator ${id}`);

  on(listInvestigators, ({ query: { after, limit } }) => {
    const cursor = nameCursor(after);
    const read = (count: number) => investigators.listInvestigators(db, { after: cursor, limit: count });
    return readPage(limit, read, nameCursorOf);
  });

  on(getSelf, async ({ caller }) =>
    required(caller.investigator, 'investigator who asks: the local administrator is none'),
  );

  on(getInvestigator, ({ params: { id } }) => find(id));

  on(createInvestigator, async ({ body, caller }) => {
    const { fingerprint, publickey } = await readPublicKey(body.publickey);
    return inTransaction(db, async (transaction) => {
      const added = await investigators.insertInvestigator(transaction, { ...body, fingerprint, publickey });
      if (added === undefined) throw new Refused('CONFLICT', `there is an investigator with the key ${fingerprint}`);
      const details = { name: added.name, fingerprint, permissions: added.permissions };
      const event = 'investigator added';
      await appendAudit(transaction, { actor: caller.name, event, subject: added.id, details });
      return added;
    });
  });

  on(updateInvestigator, async ({ params: { id }, body, caller }) => {
    const known = await find(id);
    const publickey = body.publickey === undefined ? undefined : await mergedKey(known.publickey, body.publickey);
    return inTransaction(db, async (transaction) => {
      const changes = { ...body, publickey };
      const changed = required(await investigators.updateInvestigator(transaction, id, changes), `investigator ${id}`);
      const event = 'investigator changed';
      await appendAudit(transaction, { actor: caller.name, event, subject: id, details: { ...changes } });
      return changed;
    });
  });

  on(listApiKeys, async ({ params: { id }, caller }) => {
    requireSelf(caller, id);
    await find(id);
    return logins.listApiKeys(db, id);
  });

  on(createApiKey, async ({ params: { id }, body: { name, expiretime = null }, caller }) => {
    requireSelf(caller, id);
    // A key that leaked would outlive its end.
    if (caller.by === 'key') throw new Refused('NOT_PERMITTED', 'an API key cannot make another one: log in');
    if (expiretime !== null && !(Date.parse(expiretime) > Date.now())) {
      throw new Refused('BAD_REQUEST', `body: expiretime: expected a time to come, got '${expiretime}'`);
    }
    await find(id);
    const { secret, hash } = createSecret(apiKeyPrefix);
    return inTransaction(db, async (transaction) => {
      const added = await logins.insertApiKey(transaction, { investigatorid: id, name, hash, expiretime });
      const details = { id: added.id, name, expiretime };
      await appendAudit(transaction, { actor: caller.name, event: 'API key made', subject: id, details });
      return { ...added, key: secret };
    });
  });

  on(deleteApiKey, async ({ params: { id, keyid }, caller }) => {
    requireSelf(caller, id);
    await inTransaction(db, async (transaction) => {
      required((await logins.deleteApiKey(transaction, id, keyid)) || undefined, `API key ${keyid}`);
      const details = { id: keyid };
      await appendAudit(transaction, { actor: caller.name, event: 'API key ended', subject: id, details });
    });
  });
}

/** API keys are their owner's business, and the administrators'. */
function requireSelf({ name, investigator, permissions }: Caller, id: string): void {
  if (investigator?.id === id || permissions.includes('admin')) return;
  throw new Refused('NOT_PERMITTED', `${name} lacks the permission admin, and these are another's API keys`);
}

/** Reads one public key that can be used. Throws ActionError with what is against it. */
async function readPublicKey(text: string): Promise<{ readonly fingerprint: string; readonly publickey: string }> {
  const keyring = await readKeyring([text]);
  const [key, ...others] = await describeKeys(keyring, new Date());
  if (key === undefined || others.length > 0) {
    throw new Refused(
      'BAD_REQUEST',
      `body: publickey: expected one key, got ${key === undefined ? 0 : keyring.keys.size}`,
    );
  }
  if (key.unusable !== null) throw new ActionError(key.unusable);
  return { fingerprint: key.fingerprint, publickey: exportKey(keyring, key.fingerprint) };
}

/** The key with what a newer copy adds; nothing is taken away, so that a revocation stays. Throws Refused for another's. */
async function mergedKey(known: string, added: string): Promise<string> {
  const before = await readKeyring([known]);
  const after = await addKeys(before, added, 'body: publickey');
  const [fingerprint] = before.keys.keys();
  if (after.keys.size !== 1) {
    throw new Refused('CONFLICT', `body: publickey: expected a copy of the key ${fingerprint}`, {
      wayout: 'Add another investigator for another key, and disable this one.',
    });
  }
  return exportKey(after, fingerprint!);
}
