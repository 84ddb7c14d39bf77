import { startPostgres, type TestPostgres } from '@mig/testing';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAction } from '../database/actions.ts';
import { findAgent } from '../database/agents.ts';
import { turns } from '../database/in-turn.ts';
import { type Database, openDatabase } from '../database/open-database.ts';
import { startLeading } from '../program/leading.ts';
import { Settings } from '../settings/settings.ts';
import { withScheduler } from '../testing/with-scheduler.ts';

let server: TestPostgres;
/** Connected to another database of the server: it takes the platform's away, and gives it back. */
let operator: pg.Client;
let database: Database;
const log: string[] = [];
beforeAll(async () => {
  server = await startPostgres();
  operator = new pg.Client(server.url.replace('/postgres?', '/template1?'));
  await operator.connect();
  database = await openDatabase({ url: server.url, log: (message) => log.push(message) });
});
afterAll(async () => {
  await database.close();
  await operator.end();
  await server.close();
});

const takeAway = async () => {
  await operator.query('ALTER DATABASE postgres ALLOW_CONNECTIONS false');
  await operator.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'");
};
const giveBack = () => operator.query('ALTER DATABASE postgres ALLOW_CONNECTIONS true');

test('an answer that comes while the database is away is acknowledged once it is back, and not before', () =>
  withScheduler(database, async ({ enrol, launch, start, command, log: said }) => {
    const agent = await enrol('one');
    await start();
    await agent.connect();
    await agent.hello();
    const id = await launch([agent]);
    const sent = await agent.next('command');
    await expect.poll(async () => (await command(sent.commandid)).status).toBe('sent');

    await takeAway();
    await agent.answer(sent);
    await expect.poll(() => said.filter((line) => /1 messages wait/.test(line)).length).toBeGreaterThan(1);
    expect(agent.waiting('acknowledgement')).toBe(0);
    await giveBack();
    expect(await agent.next('acknowledgement')).toMatchObject({ id: sent.commandid, outcome: 'stored' });
    expect(await findAction(database.db, id)).toMatchObject({ status: 'finished', counters: { success: 1 } });

    // What is launched now is heard of, though the connection that listens was lost with the rest.
    await launch([agent]);
    await agent.next('command');
    expect(log.filter((line) => /connecting again/.test(line))).toHaveLength(1);
  }));

test('a hello that is said while the database is away is noted once it is back, and what is owed is sent', () =>
  withScheduler(database, async ({ enrol, launch, start, log: said }) => {
    const agent = await enrol('comes back');
    await start();
    const id = await launch([agent]);
    await takeAway();
    await agent.connect();
    await agent.hello();
    await expect.poll(() => said.filter((line) => /1 messages wait/.test(line)).length).toBeGreaterThan(0);
    expect(agent.waiting('command')).toBe(0);
    await giveBack();
    expect(await agent.next('command')).toMatchObject({ actionid: id });
    expect(await findAgent(database.db, agent.id)).toMatchObject({ status: 'online' });
  }));

test('a connection that is lost between two statements fails its transaction, and nothing else', async () => {
  const transaction = database.db.transaction().execute(async (one) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(one);
    await operator.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    const isGone = async () =>
      (await operator.query('SELECT FROM pg_stat_activity WHERE pid = $1', [rows[0]!.pid])).rowCount;
    await expect.poll(isGone).toBe(0);
    // Long enough for the end of the connection to be heard.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sql`SELECT 1`.execute(one);
  });
  await expect(transaction).rejects.toThrow(/terminat|not queryable/);
  expect((await sql`SELECT 1 AS one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
});

test('of two schedulers one has its turn; when it is lost, the other goes on', () =>
  withScheduler(database, async ({ enrol, launch, relay, platform }) => {
    const agent = await enrol('one');
    const said: string[] = [];
    const settings = Settings.parse({});
    const lead = (one: typeof relay) =>
      startLeading({ settings, database, relay: one, log: (message) => said.push(message) });
    const leading = [lead(relay), lead(await platform())];
    await agent.connect();
    await agent.hello();
    await launch([agent]);
    await agent.answer(await agent.next('command'));
    await agent.next('acknowledgement');
    // Two would acknowledge twice. A command can come twice from one: as long as it is not answered, it is owed.
    expect(agent.waiting('acknowledgement')).toBe(0);

    const { rows } = await operator.query(
      `SELECT pid, granted FROM pg_locks WHERE locktype = 'advisory' AND objid = ${turns.scheduler} ORDER BY granted`,
    );
    expect(rows.map(({ granted }) => granted)).toEqual([false, true]);
    await operator.query('SELECT pg_terminate_backend($1)', [rows[1].pid]);
    await expect.poll(() => said).toContainEqual(expect.stringMatching(/its turn is lost/));
    const id = await launch([agent]);
    let sent = await agent.next('command');
    while (sent.actionid !== id) sent = await agent.next('command');
    await agent.answer(sent);
    await agent.next('acknowledgement');
    expect(await findAction(database.db, id)).toMatchObject({ status: 'finished' });
    await Promise.all(leading.map((one) => one.close()));
  }));
