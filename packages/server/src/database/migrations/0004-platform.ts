/** What all processes of a platform must agree on: the CA, by its fingerprint. */
import { type Kysely, sql } from 'kysely';

export async function createPlatform(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE platform (
    place integer PRIMARY KEY DEFAULT 1 CHECK (place = 1),
    authority text NOT NULL
  )`.execute(db);
}
