import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeQuickFolder, startPostgres, type TestPostgres } from '@mig/testing';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyAudit } from '../audit/audit-log.ts';
import { makeEmptyDatabase, openTestDatabase } from '../testing/open-test-database.ts';
import { findAction, findEnvelope, listActions } from './actions.ts';
import { findAgents } from './agents.ts';
import { listAlerts } from './alerts.ts';
import { openEmbedded } from './embedded-pool.ts';
import { listTokens } from './enrolment-tokens.ts';
import { allInvestigators } from './investigators.ts';
import { listCommands } from './list-commands.ts';
import { findKeyHolder, findSession } from './logins.ts';
import { listMacros } from './macros.ts';
import { type Database, openDatabase } from './open-database.ts';

/** Databases of earlier versions, named by the number of their last migration. */
const testdata = join(import.meta.dirname, 'testdata');
const earlier = readdirSync(testdata).filter((name) => /^\d{4}\.sql$/.test(name));

let server: TestPostgres;
let folder: string;
let fresh: string;
beforeAll(async () => {
  folder = makeQuickFolder('mig-migrate-');
  server = await startPostgres();
  const made = await openDatabase({ url: server.url });
  fresh = await shapeOf(made);
  await made.close();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The URL of a new, empty database of the server. */
async function emptyDatabase(name: string): Promise<string> {
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return server.url.replace('/postgres?', `/${name}?`);
}

describe('from an empty database', () => {
  test('the embedded database gets the same tables as a server', async () => {
    const embedded = await openTestDatabase();
    expect(await shapeOf(embedded)).toBe(fresh);
    await embedded.close();
  });

  test('several processes that start at once make them once', async () => {
    const url = await emptyDatabase('several');
    const opened = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ url })));
    const { rows } = await sql<{ number: number }>`SELECT number FROM migrations ORDER BY number`.execute(
      opened[0]!.db,
    );
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    await Promise.all(opened.map((database) => database.close()));
  });
});

test('a database of a later version is left alone, with a sentence that says so', async () => {
  const url = await emptyDatabase('later');
  const database = await openDatabase({ url });
  await sql`INSERT INTO migrations (number) VALUES (99)`.execute(database.db);
  const before = await shapeOf(database);
  await database.close();
  await expect(openDatabase({ url })).rejects.toThrow(
    'the database is of version 99, this program knows 6: start the newer program',
  );
  const client = new pg.Client(url);
  await client.connect();
  expect((await client.query('SELECT max(number) AS last FROM migrations')).rows).toEqual([{ last: 99 }]);
  await client.end();
  expect(before).toBe(fresh);
});

/** Opens a database that has what `dump` makes: each engine in its own way. */
const engines: Readonly<Record<string, (name: string, dump: string) => Promise<Database>>> = {
  'a server': async (name, dump) => {
    const url = await emptyDatabase(name);
    const client = new pg.Client(url);
    await client.connect();
    await client.query(dump);
    await client.end();
    return openDatabase({ url });
  },
  'the embedded database': async (name, dump) => {
    const directory = join(folder, name);
    await makeEmptyDatabase(directory);
    const { pglite, pool } = await openEmbedded(directory);
    await pglite.exec(dump);
    await pool.end();
    return openDatabase({ url: directory });
  },
};

describe.each(Object.entries(engines))('%s', (_, openWith) => {
  test.each(earlier)('of %s gets the tables of this version, and keeps what was in them', async (file) => {
    const database = await openWith(`from_${file.slice(0, 4)}`, readFileSync(join(testdata, file), 'utf8'));
    await expectKept(database);
    await database.close();
  });

  test('gets from its audit log who cancelled an action before that was kept, and why', async () => {
    const id = '01a20fdc-62a8-7dd6-b644-aae53dbb8a90';
    const noted = (number: number, actor: string, subject: string, reason: string) =>
      `INSERT INTO audit_log VALUES (${number}, now(), '${actor}', 'action cancelled', '${subject}',
        '{"reason": "${reason}"}', 'x', 'x');`;
    const database = await openWith(
      'cancelled_before',
      [
        readFileSync(join(testdata, '0001.sql'), 'utf8'),
        `UPDATE actions SET status = 'cancelled' WHERE id = '${id}';`,
        noted(3, 'Erin', '01a20fdc-62a8-7dd6-b644-aae53dbb8a91', 'another action'),
        noted(4, 'Dana', id, 'wrong target'),
        noted(5, 'Erin', id, 'the second time'),
      ].join('\n'),
    );
    expect(await findAction(database.db, id)).toMatchObject({ cancellation: { by: 'Dana', reason: 'wrong target' } });
    await database.close();
  });
});

/** What testdata/*.sql hold: a row in every table. */
async function expectKept(database: Database): Promise<void> {
  const { db } = database;
  expect(await shapeOf(database)).toBe(fresh);
  const [action] = await listActions(db, {}, { limit: 10 });
  expect(action).toMatchObject({
    name: 'who is there',
    investigators: [{ name: 'Dana' }],
    counters: { targeted: 2, success: 1, pending: 1, found: 1 },
  });
  expect(await findEnvelope(db, action!.id)).toMatchObject({ payloadType: 'application/vnd.mig.action+json' });
  const { items } = await listCommands(db, action!.id, { found: 'all' }, { limit: 10 });
  expect(items).toMatchObject([
    { agentname: 'db1', status: 'pending', results: null },
    { agentname: 'web1', status: 'success', results: [{ foundanything: true, elements: { x: 1 } }] },
  ]);
  expect(
    await findAgents(
      db,
      items.map(({ agentid }) => agentid),
    ),
  ).toHaveLength(2);
  const [dana] = await allInvestigators(db);
  expect(await findSession(db, 'a')).toEqual(dana);
  expect(await findKeyHolder(db, 'b')).toEqual(dana);
  expect(await listMacros(db, dana!.id)).toEqual([{ name: 'web', target: "name LIKE 'web%'" }]);
  expect(await listTokens(db)).toMatchObject([{ name: 'web', tags: { team: 'web' }, usesleft: 3 }]);
  expect(await listAlerts(db, {}, { limit: 10 })).toMatchObject([{ agentname: 'web1', message: 'a file came' }]);
  expect(await verifyAudit(db)).toMatchObject({ entries: 2, intact: true });
  // The numbers of changes go on where they were.
  const { rows } = await sql<{ isBehind: boolean }>`
    SELECT nextval('commands_change_seq') > (SELECT max(change) FROM commands) AS "isBehind"`.execute(db);
  expect(rows).toEqual([{ isBehind: true }]);
}

/** Tables, indexes, constraints and triggers, as the database describes them. */
async function shapeOf({ db }: Database): Promise<string> {
  const { rows } = await sql<{ line: string }>`
    SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default) AS line
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace`.execute(
    db,
  );
  return rows
    .map(({ line }) => line)
    .sort()
    .join('\n');
}
