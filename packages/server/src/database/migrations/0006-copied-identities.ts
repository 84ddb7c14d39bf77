/** Whose identity was copied: two processes take turns with it. */
import { type Kysely, sql } from 'kysely';

export async function markCopiedIdentities(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE agents ADD COLUMN copied jsonb`.execute(db);
}
