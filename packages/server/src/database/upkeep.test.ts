import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { createUuid } from '@mig/action';
import { makeQuickFolder } from '@mig/testing';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addManyAgents } from '../api/testing/sample-fleet.ts';
import { launchSample } from '../testing/launch-sample.ts';
import { makeEmptyDatabase } from '../testing/open-test-database.ts';
import { type Database, openDatabase } from './open-database.ts';
import { agentsAreAlive } from './presence.ts';
import { nextChore, startUpkeep, type Upkeep } from './upkeep.ts';

const many = 1_000;
const segmentBytes = 16 * 1024 * 1024;

let folder: string;
let database: Database;
let ids: string[];
let upkeep: Upkeep | undefined;
const log: string[] = [];
beforeAll(async () => {
  folder = makeQuickFolder('mig-upkeep-');
  await makeEmptyDatabase(join(folder, 'database'));
  database = await openDatabase({ url: join(folder, 'database') });
  await addManyAgents(database.db, 'agent', many);
  ids = (await database.db.selectFrom('agents').select('id').execute()).map(({ id }) => id);
});
afterEach(async () => {
  await upkeep?.close();
  upkeep = undefined;
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const sizeOf = async (table: string) =>
  (await sql<{ size: number }>`SELECT pg_total_relation_size(${table}::text) AS size`.execute(database.db)).rows[0]!
    .size;
const deadOf = async (table: string) =>
  (
    await sql<{ dead: number }>`SELECT n_dead_tup AS dead FROM pg_stat_user_tables WHERE relname = ${table}`.execute(
      database.db,
    )
  ).rows[0]!.dead;
const look = (pauseMs: number) => {
  upkeep = startUpkeep(database, { log: (message) => log.push(message), pauseMs });
};

test('heartbeats take the place of those before: a table of agents does not grow with them', async () => {
  const alive = new Map(ids.map((id) => [id, createUuid()]));
  await agentsAreAlive(database.db, alive);
  const before = await sizeOf('agents');
  for (let round = 0; round < 40; round++) await agentsAreAlive(database.db, alive);
  expect(await sizeOf('agents')).toBeLessThan(3 * before);
});

test('what is dead is taken away, though somebody asks all the time, and rows take its place', async () => {
  await launchSample(database.db, ids);
  const before = await sizeOf('commands');
  look(1);
  for (let round = 0; round < 80; round++) {
    await sql`UPDATE commands SET change = nextval('commands_change_seq')`.execute(database.db);
    // As requests do, which come through sockets.
    await breathe();
  }
  // Without upkeep it is twenty times as large.
  expect(await sizeOf('commands')).toBeLessThan(10 * before);
  // At a quiet moment all of it.
  await upkeep!.close();
  look(200);
  await expect.poll(() => deadOf('commands'), { interval: 700, timeout: 20_000 }).toBeLessThan(1_300);
  expect(log).toEqual([]);
});

test('the journal is ended before it grows long, and its files are used again', async () => {
  const journal = join(folder, 'database', 'pg_wal');
  const files = () => readdirSync(journal).filter((name) => /^[0-9A-F]{24}$/.test(name)).length;
  look(1);
  await sql`CREATE TABLE filler (x text)`.execute(database.db);
  // Half a gigabyte.
  const chunk = sql`INSERT INTO filler SELECT repeat(md5(n::text), 64) FROM generate_series(1, 8000) AS n`;
  for (let round = 0; round < 30; round++) {
    await chunk.execute(database.db);
    await sql`TRUNCATE filler`.execute(database.db);
  }
  expect(files() * segmentBytes).toBeLessThan(300 * 1024 * 1024);
  await upkeep!.close();
  look(200);
  await expect.poll(() => nextChore(database.db), { interval: 700, timeout: 20_000 }).toBeUndefined();
});

test('nothing is done where nothing is due', async () => {
  for (const statement of ['VACUUM ANALYZE', 'CHECKPOINT']) await sql.raw(statement).execute(database.db);
  await expect.poll(() => nextChore(database.db)).toBeUndefined();
});
