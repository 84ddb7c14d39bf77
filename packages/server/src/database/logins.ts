/** Challenges, sessions and API keys. Of secrets only hashes are kept. */
import { createUuid, type Uuid } from '@mig/action';
import type { ApiKey, Investigator } from '@mig/api';
import { type Selectable, sql } from 'kysely';
import type { Db } from './open-database.ts';
import type { Schema } from './schema.ts';

export type ChallengeRow = Selectable<Schema['challenges']>;

/** Challenges that may be open at a time: more is a flood. */
const mostChallenges = 10_000;

/** Keeps a challenge; false when there are too many. Those that expired are let go. */
export async function insertChallenge(db: Db, challenge: ChallengeRow): Promise<boolean> {
  await db.deleteFrom('challenges').where('expires', '<', sql<string>`now()`).execute();
  const { count } = await db
    .selectFrom('challenges')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (count >= mostChallenges) return false;
  await db.insertInto('challenges').values(challenge).execute();
  return true;
}

/** Takes a challenge away, so that it is used once; undefined when there is none, or its time is over. */
export function takeChallenge(db: Db, id: Uuid): Promise<ChallengeRow | undefined> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction.deleteFrom('challenges').where('id', '=', id).returningAll().executeTakeFirst();
    return row !== undefined && Date.parse(row.expires) > Date.now() ? row : undefined;
  });
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

/** As `findSession`, for an API key; notes its use. */
export function findKeyHolder(db: Db, hash: string): Promise<Investigator | undefined> {
  return db.transaction().execute(async (transaction) => {
    const holder = await transaction
      .selectFrom('api_keys')
      .innerJoin('investigators', 'investigators.id', 'api_keys.investigatorid')
      .selectAll('investigators')
      .where('api_keys.hash', '=', hash)
      .where(sql<boolean>`coalesce(api_keys.expiretime > now(), true)`)
      .where('investigators.status', '=', 'active')
      .executeTakeFirst();
    if (holder !== undefined) {
      await transaction.updateTable('api_keys').set({ lastusedtime: sql`now()` }).where('hash', '=', hash).execute();
    }
    return holder;
  });
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
