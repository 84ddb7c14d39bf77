/** The table of investigators: who may use the platform, and with which keys. */
import { createUuid, type Uuid } from '@mig/action';
import type { Investigator } from '@mig/api';
import { sql } from 'kysely';
import { inTransaction } from './in-turn.ts';
import type { NameCursor } from './name-cursor.ts';
import type { Db } from './open-database.ts';

type New = Pick<Investigator, 'name' | 'fingerprint' | 'publickey' | 'permissions'>;

/** Adds an investigator; undefined when there is one with this key. */
export function insertInvestigator(db: Db, added: New): Promise<Investigator | undefined> {
  const { permissions, ...rest } = added;
  return db
    .insertInto('investigators')
    .values({ id: createUuid(), ...rest, status: 'active', permissions: JSON.stringify(permissions) })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Investigators by name, from behind `after`. */
export function listInvestigators(
  db: Db,
  { after, limit }: { readonly after?: NameCursor | undefined; readonly limit: number },
): Promise<readonly Investigator[]> {
  let query = db.selectFrom('investigators').selectAll().orderBy('name').orderBy('id').limit(limit);
  if (after !== undefined) query = query.where(sql<boolean>`(name, id) > (${after.name}, ${after.id}::uuid)`);
  return query.execute();
}

export function findInvestigator(db: Db, id: Uuid): Promise<Investigator | undefined> {
  return db.selectFrom('investigators').selectAll().where('id', '=', id).executeTakeFirst();
}

/** All of them, whose keys are the keyring of the platform. */
export function allInvestigators(db: Db): Promise<readonly Investigator[]> {
  return db.selectFrom('investigators').selectAll().execute();
}

/** The one with this key. */
export function investigatorWithKey(db: Db, fingerprint: string): Promise<Investigator | undefined> {
  return db.selectFrom('investigators').selectAll().where('fingerprint', '=', fingerprint).executeTakeFirst();
}

/** Changes what is given; undefined when there is no such investigator. Who is disabled is logged out. */
export function updateInvestigator(
  db: Db,
  id: Uuid,
  changes: {
    readonly name?: string | undefined;
    readonly status?: Investigator['status'] | undefined;
    readonly permissions?: Investigator['permissions'] | undefined;
    readonly publickey?: string | undefined;
  },
): Promise<Investigator | undefined> {
  const { permissions, ...rest } = changes;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return inTransaction(db, async (transaction) => {
    if (changes.status === 'disabled') {
      await transaction.deleteFrom('sessions').where('investigatorid', '=', id).execute();
    }
    return transaction
      .updateTable('investigators')
      .set({
        ...given,
        ...(permissions === undefined ? {} : { permissions: JSON.stringify(permissions) }),
        lastmodifiedtime: sql`now()`,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
  });
}
