/** Tokens with which agents enrol. Of the secret only a hash is kept. */
import { createUuid, type Tags, type Uuid } from '@mig/action';
import type { EnrolmentToken } from '@mig/api';
import { sql } from 'kysely';
import type { Db } from './open-database.ts';

const columns = ['id', 'name', 'tags', 'uses', 'usesleft', 'expiretime', 'createtime', 'createdby'] as const;

export function insertToken(
  db: Db,
  token: Pick<EnrolmentToken, 'name' | 'tags' | 'usesleft' | 'expiretime' | 'createdby'> & { readonly hash: string },
): Promise<EnrolmentToken> {
  return db
    .insertInto('enrolment_tokens')
    .values({ id: createUuid(), ...token, tags: JSON.stringify(token.tags) })
    .returning(columns)
    .executeTakeFirstOrThrow();
}

export function listTokens(db: Db): Promise<readonly EnrolmentToken[]> {
  return db.selectFrom('enrolment_tokens').select(columns).orderBy('id').execute();
}

/** False when there is no such token. */
export async function deleteToken(db: Db, id: Uuid): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('enrolment_tokens').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The token of this secret, whether it can be used or not. */
export function findToken(db: Db, hash: string): Promise<EnrolmentToken | undefined> {
  return db.selectFrom('enrolment_tokens').select(columns).where('hash', '=', hash).executeTakeFirst();
}

/** Uses a token once; gives the tags of who enrols with it, undefined when it is unknown, used up or expired. */
export async function useToken(db: Db, hash: string): Promise<Tags | undefined> {
  const row = await db
    .updateTable('enrolment_tokens')
    .set({ uses: sql`uses + 1`, usesleft: sql`usesleft - 1` })
    .where('hash', '=', hash)
    .where('expiretime', '>', sql<string>`now()`)
    .where(sql<boolean>`coalesce(usesleft > 0, true)`)
    .returning('tags')
    .executeTakeFirst();
  return row?.tags;
}
