/** The table of the platform, of one row: what all of its processes must agree on. */
import { sql } from 'kysely';
import type { Db } from './open-database.ts';

/** The SHA-256 of the fleet's CA, as enrolment tokens have it; undefined when none was noted yet. */
export async function notedAuthority(db: Db): Promise<string | undefined> {
  return (await db.selectFrom('platform').select('authority').executeTakeFirst())?.authority;
}

/** Notes the CA, in place of the one before. */
export async function noteAuthority(db: Db, authority: string): Promise<void> {
  await sql`INSERT INTO platform (authority) VALUES (${authority})
    ON CONFLICT (place) DO UPDATE SET authority = excluded.authority`.execute(db);
}
