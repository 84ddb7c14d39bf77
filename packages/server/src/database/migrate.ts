/** Brings the tables to this version: migrations are numbered, run once each, in order, all or none. */
import { type Kysely, sql } from 'kysely';
import { inTurn, turns } from './in-turn.ts';
import { createTables } from './migrations/0001-tables.ts';
import { indexCommandsByAgent } from './migrations/0002-commands-by-agent.ts';
import { changeAgentsInPlace } from './migrations/0003-agents-in-place.ts';
import { createPlatform } from './migrations/0004-platform.ts';
import { keepCancellations } from './migrations/0005-cancellations.ts';
import { markCopiedIdentities } from './migrations/0006-copied-identities.ts';
import type { Schema } from './schema.ts';

/** In order; the number of a migration is its place, from 1. Never change one that was released. */
const migrations: readonly ((db: Kysely<unknown>) => Promise<void>)[] = [
  createTables,
  indexCommandsByAgent,
  changeAgentsInPlace,
  createPlatform,
  keepCancellations,
  markCopiedIdentities,
];

/** Runs the migrations that are missing. Throws when the database is of a later version than this program. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await inTurn(transaction, turns.migrations);
    await sql`CREATE TABLE IF NOT EXISTS migrations (
      number integer PRIMARY KEY, time timestamptz NOT NULL DEFAULT now()
    )`.execute(transaction);
    const { rows } = await sql<{ last: number | null }>`SELECT max(number) AS last FROM migrations`.execute(
      transaction,
    );
    const last = rows[0]?.last ?? 0;
    if (last > migrations.length) {
      throw new Error(
        `the database is of version ${last}, this program knows ${migrations.length}: start the newer program`,
      );
    }
    for (const [at, run] of migrations.entries()) {
      if (at < last) continue;
      await run(transaction as unknown as Kysely<unknown>);
      await sql`INSERT INTO migrations (number) VALUES (${at + 1})`.execute(transaction);
    }
  });
}
