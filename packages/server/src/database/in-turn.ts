/** Transactions that must not overlap take turns: a lock that the transaction's end gives back. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** What is done in turns. The numbers are keys of PostgreSQL's advisory locks. */
export const turns = {
  migrations: 770_001,
  commands: 770_002,
  audit: 770_003,
  alerts: 770_004,
  scheduler: 770_005,
  authority: 770_006,
} as const;

/** Does `work` in a transaction: in the one that `db` is, so that several changes stand or fall together, or in one of its own. */
export function inTransaction<T>(
  db: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return db.isTransaction ? work(db as Transaction<Schema>) : db.transaction().execute(work);
}

/** Waits until no other transaction is at its turn of this kind. */
export async function inTurn(transaction: Transaction<Schema>, turn: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${turn})`.execute(transaction);
}
