/**
 * Heartbeats change agents where they are (PostgreSQL: heap-only tuples): no index holds what changes with each of them,
 * and pages keep room for the next version of a row, which takes the place of the one before without a VACUUM.
 */
import { type Kysely, sql } from 'kysely';

export async function changeAgentsInPlace(db: Kysely<unknown>): Promise<void> {
  await sql`DROP INDEX agents_by_status`.execute(db);
  await sql`ALTER TABLE agents SET (fillfactor = 70)`.execute(db);
}
