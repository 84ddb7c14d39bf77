/**
 * The audit log: who did what through the platform. Each entry holds the hash of the one before, so that an entry that
 * was changed, removed or moved breaks the chain from there on. The database refuses to update or delete entries.
 */
import { createHash } from 'node:crypto';
import { storable, storableValue } from '@mig/action';
import { type AuditEntry, type AuditVerification, beginningOfAudit, textOfAudit, verifyAuditChain } from '@mig/api';
import { inTransaction, inTurn, turns } from '../database/in-turn.ts';
import type { Db } from '../database/open-database.ts';

/** What is noted of an event. */
export type AuditEvent = Pick<AuditEntry, 'actor' | 'event' | 'subject' | 'details'>;

const pageLength = 1_000;

/** Appends an entry; in a transaction, the entry is there when what it tells of is. */
export function appendAudit(db: Db, { actor, event, subject, details }: AuditEvent): Promise<AuditEntry> {
  return inTransaction(db, async (transaction) => {
    await inTurn(transaction, turns.audit);
    const last = await transaction
      .selectFrom('audit_log')
      .select(['number', 'hash'])
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst();
    // As the database gives it back: without what JSON does not have, such as undefined, or PostgreSQL, such as NUL.
    const text = JSON.stringify(storableValue(details));
    const entry = {
      number: (last?.number ?? 0) + 1,
      time: new Date().toISOString(),
      actor: storable(actor),
      event: storable(event),
      subject: storable(subject),
      details: JSON.parse(text) as AuditEntry['details'],
      previous: last?.hash ?? beginningOfAudit,
    };
    // At once: others wait for their turn, and for the database, while this one has them.
    const hash = createHash('sha256').update(textOfAudit(entry)).digest('hex');
    await transaction
      .insertInto('audit_log')
      .values({ ...entry, details: text, hash })
      .execute();
    return { ...entry, hash };
  });
}

/** Entries before the number `before`, the newest first. */
export function listAudit(
  db: Db,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<readonly AuditEntry[]> {
  let query = db.selectFrom('audit_log').selectAll().orderBy('number', 'desc').limit(limit);
  if (before !== undefined) query = query.where('number', '<', before);
  return query.execute();
}

/** Goes through the whole log, and says where it is not as it was written. */
export function verifyAudit(db: Db): Promise<AuditVerification> {
  return verifyAuditChain(allEntries(db));
}

/** All entries, from the lowest number that there is, which may be none of ours. */
async function* allEntries(db: Db): AsyncGenerator<AuditEntry> {
  for (let last: number | undefined, isMore = true; isMore; ) {
    let query = db.selectFrom('audit_log').selectAll().orderBy('number').limit(pageLength);
    if (last !== undefined) query = query.where('number', '>', last);
    const rows = await query.execute();
    yield* rows;
    last = rows.at(-1)?.number;
    isMore = rows.length === pageLength;
  }
}
