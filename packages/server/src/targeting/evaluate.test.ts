import { setImmediate as breathe } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { addManyAgents } from '../api/testing/sample-fleet.ts';
import type { Database } from '../database/open-database.ts';
import { onBothDatabases } from '../testing/on-both-databases.ts';
import { compileTarget } from './compile-target.ts';
import { countSelected, listAgents, selectAgents } from './select-agents.ts';

/** More than the first slices hold. */
const many = 3_000;

/** A condition that is true of nobody, and takes milliseconds for each agent: more patterns than PostgreSQL keeps. */
const slow = Array.from({ length: 150 }, (_, at) => `name || ' ${at}' ~ '^(a|b|c|${at}x)*(d|e|f)+(g|h)*$'`).join(
  ' OR ',
);

onBothDatabases((database) => {
  const made = new WeakSet<Database>();
  const fleet = async () => {
    const { db } = database();
    if (!made.has(database())) await addManyAgents(db, 'agent', many);
    made.add(database());
    return db;
  };

  test('slices leave nobody out and name nobody twice', async () => {
    const db = await fleet();
    for (const target of ['true', "name LIKE '%7'", "name = 'agent2999'", 'false']) {
      const { rows } = await sql
        .raw<{ id: string; name: string }>(`SELECT id, name FROM agents WHERE ${target} ORDER BY name, id`)
        .execute(db);
      const condition = await compileTarget(target);
      expect((await selectAgents(db, condition)).toSorted()).toEqual(rows.map(({ id }) => id).sort());
      expect(await countSelected(db, condition)).toMatchObject({ count: rows.length, online: rows.length });
      const listed: { id: string; name: string }[] = [];
      for (let isMore = true; isMore; ) {
        const page = await listAgents(db, { condition }, { after: listed.at(-1), limit: 700 });
        listed.push(...page);
        isMore = page.length === 700;
      }
      expect(listed.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    }
  });

  test('a target that takes too long is refused, and others have their turns meanwhile', async () => {
    const db = await fleet();
    let isOver = false;
    const refused = expect(
      countSelected(db, await compileTarget(slow), 2_000).finally(() => {
        isOver = true;
      }),
    ).rejects.toThrow('the target took longer than 2 s');
    let turns = 0;
    for (; !isOver; turns++) {
      await sql`SELECT 1`.execute(db);
      // As requests do, which come through sockets: the embedded database alone lets no timer run.
      await breathe();
    }
    await refused;
    expect(turns).toBeGreaterThan(2);
  });

  test('a target may only read', async () => {
    const db = await fleet();
    const writes = sql<boolean>`(nextval('commands_change_seq') > 0)`;
    await expect(selectAgents(db, writes)).rejects.toThrow(/read-only transaction/);
  });
});
