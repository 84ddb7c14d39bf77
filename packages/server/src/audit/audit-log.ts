/**
 * The audit log: who did what through the platform. Each entry holds the hash of the one before, so that an entry that
 * was changed, removed or moved breaks the chain from there on. The database refuses to update or delete entries.
 */
import { createHash } from 'node:crypto';
import { storable, storableValue } from '@mig/action';
import type { AuditEntry, AuditVerification } from '@mig/api';
import { inTransaction, inTurn, turns } from '../database/in-turn.ts';
import type { Db } from '../database/open-database.ts';

/** What is noted of an event. */
export type AuditEvent = Pick<AuditEntry, 'actor' | 'event' | 'subject' | 'details'>;

/** The `previous` of the first entry. */
const beginning = '0'.repeat(64);
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
      previous: last?.hash ?? beginning,
    };
    const hash = hashOf(entry);
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
export async function verifyAudit(db: Db): Promise<AuditVerification> {
  let previous = beginning;
  let entries = 0;
  const broken = (number: number, reason: string) => ({
    entries,
    intact: false,
    broken: { number, reason },
    head: previous,
  });
  for (let last: number | undefined; ; ) {
    let query = db.selectFrom('audit_log').selectAll().orderBy('number').limit(pageLength);
    // From the lowest number that there is, which may be none of ours.
    if (last !== undefined) query = query.where('number', '>', last);
    const rows = await query.execute();
    last = rows.at(-1)?.number;
    for (const { hash, ...entry } of rows) {
      if (entry.number < entries + 1) return broken(entry.number, 'it is before the first entry');
      if (entry.number !== entries + 1) return broken(entries + 1, 'the entry is missing');
      if (entry.previous !== previous) return broken(entry.number, 'it does not follow the entry before');
      if (hashOf(entry) !== hash) return broken(entry.number, 'it was changed: its hash does not fit');
      entries++;
      previous = hash;
    }
    if (rows.length < pageLength) return { entries, intact: true, broken: null, head: previous };
  }
}

/** The hash of an entry: of its values in a fixed order, objects with their keys sorted. */
function hashOf({ number, time, actor, event, subject, details, previous }: Omit<AuditEntry, 'hash'>): string {
  const text = JSON.stringify([number, time, actor, event, subject, sorted(details), previous]);
  return createHash('sha256').update(text).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
