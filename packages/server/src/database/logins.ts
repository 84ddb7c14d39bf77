/** Challenges that were used, sessions and API keys. Of secrets only hashes are kept. */
import { createUuid, type Uuid } from '@mig/action';
import type { ApiKey, Investigator } from '@mig/api';
import { type Selectable, sql } from 'kysely';
import type { Db } from './open-database.ts';
import type { Schema } from './schema.ts';

export type ChallengeRow = Selectable<Schema['challenges']>;

/** Notes that a challenge was used, until it expires; false when it was used before. */
export async function useChallenge(db: Db, challenge: ChallengeRow): Promise<boolean> {
  await db.deleteFrom('challenges').where('expires', '<', sql<string>`now()`).execute();
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('challenges')
    .values(challenge)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function insertSession(db: Db, session: Selectable<Schema['sessions']>): Promise<void> {
  await db.deleteFrom('sessions').where('expires', '<', sql<string>`now()`).execute();
  await db.insertInto('sessions').values(session).execute();
}

export async function deleteSession(db: Db, hash: string): Promise<void> {
  await db.deleteFrom('sessions').where('hash', '=', hash).execute();
}

/** Who holds the token of this hash; undefined when nobody does, its time is over, or its holder was disabled. */
export function findSession(db: Db, hash: string): Promise<Investigator | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('investigators', 'investigators.id', 'sessions.investigatorid')
    .selectAll('investigators')
    .where('sessions.hash', '=', hash)
    .where('sessions.expires', '>', sql<string>`now()`)
    .where('investigators.status', '=', 'active')
    .executeTakeFirst();
}

/** As `findSession`, for an API key; notes its use, to the minute. */
export async function findKeyHolder(db: Db, hash: string): Promise<Investigator | undefined> {
  const holder = await db
    .selectFrom('api_keys')
    .innerJoin('investigators', 'investigators.id', 'api_keys.investigatorid')
    .selectAll('investigators')
    .select('api_keys.lastusedtime')
    .where('api_keys.hash', '=', hash)
    .where(sql<boolean>`coalesce(api_keys.expiretime > now(), true)`)
    .where('investigators.status', '=', 'active')
    .executeTakeFirst();
  if (holder === undefined) return undefined;
  const { lastusedtime, ...investigator } = holder;
  if (lastusedtime === null || Date.now() - Date.parse(lastusedtime) > 60_000) {
    await db.updateTable('api_keys').set({ lastusedtime: sql`now()` }).where('hash', '=', hash).execute();
  }
  return investigator;
}

const keyColumns = ['id', 'name', 'createtime', 'expiretime', 'lastusedtime'] as const;

export function listApiKeys(db: Db, investigatorid: Uuid): Promise<readonly ApiKey[]> {
  return db
    .selectFrom('api_keys')
    .select(keyColumns)
    .where('investigatorid', '=', investigatorid)
    .orderBy('id')
    .execute();
}

export function insertApiKey(
  db: Db,
  key: { investigatorid: Uuid; name: string; hash: string; expiretime: string | null },
): Promise<ApiKey> {
  return db
    .insertInto('api_keys')
    .values({ id: createUuid(), ...key, lastusedtime: null })
    .returning(keyColumns)
    .executeTakeFirstOrThrow();
}

/** False when there is no such key of this investigator. */
export async function deleteApiKey(db: Db, investigatorid: Uuid, id: Uuid): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('api_keys')
    .where('id', '=', id)
    .where('investigatorid', '=', investigatorid)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
