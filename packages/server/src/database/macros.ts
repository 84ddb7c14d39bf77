/** Investigators' own macros: targets by name. */
import type { Uuid } from '@mig/action';
import type { Db } from './open-database.ts';

export function listMacros(db: Db, investigatorid: Uuid): Promise<readonly { name: string; target: string }[]> {
  return db
    .selectFrom('macros')
    .select(['name', 'target'])
    .where('investigatorid', '=', investigatorid)
    .orderBy('name')
    .execute();
}

export async function putMacro(db: Db, macro: { investigatorid: Uuid; name: string; target: string }): Promise<void> {
  const { target } = macro;
  await db
    .insertInto('macros')
    .values(macro)
    .onConflict((conflict) => conflict.columns(['investigatorid', 'name']).doUpdateSet({ target }))
    .execute();
}

/** False when there is no such macro. */
export async function deleteMacro(db: Db, investigatorid: Uuid, name: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('macros')
    .where('investigatorid', '=', investigatorid)
    .where('name', '=', name)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
