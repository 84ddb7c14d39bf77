import { createUuid, type Uuid } from '@mig/action';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAgent } from '../api/testing/sample-fleet.ts';
import { findAgent } from '../database/agents.ts';
import type { Comer } from '../database/commands.ts';
import type { Database } from '../database/open-database.ts';
import { introductionOf } from '../testing/introduction-of.ts';
import { openTestDatabase } from '../testing/open-test-database.ts';
import { RollCall } from './roll-call.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const time = new Date().toISOString();
const statusOf = async (id: Uuid) => (await findAgent(database.db, id))!.status;

function call() {
  const greeted: Comer[] = [];
  const log: string[] = [];
  const rollCall = new RollCall({
    db: database.db,
    greet: (comers) => void greeted.push(...comers),
    log: (message) => void log.push(message),
  });
  const hello = (id: Uuid, session: Uuid, held: readonly Uuid[] = [], agent = introductionOf('agent')) =>
    rollCall.hello(id, { session, time, agent, held: [...held] });
  const end = (id: Uuid, session: Uuid) => rollCall.presence(id, { online: false, session, time });
  return { rollCall, greeted, log, hello, end };
}

test('what was said last counts, also when all of it is noted at once', async () => {
  const [left, back, stranger] = [
    await addAgent(database.db, 'left'),
    await addAgent(database.db, 'back'),
    createUuid(),
  ];
  const [first, second] = [createUuid(), createUuid()];
  const { rollCall, greeted, log, hello, end } = call();
  await Promise.all([
    hello(left, first),
    hello(back, first),
    end(left, first),
    hello(back, second, [first]),
    // Told late.
    end(back, first),
    hello(stranger, first),
  ]);
  await rollCall.close();
  expect([await statusOf(left), await statusOf(back)]).toEqual(['idle', 'online']);
  expect(greeted).toEqual([
    { agentid: left, held: [] },
    { agentid: back, held: [first] },
  ]);
  expect(log).toEqual([`hello of agent ${stranger}, which is none of the fleet's`]);
});

test('heartbeats are noted at the latest when it closes, but not of an agent that has gone since', async () => {
  const [alive, gone] = [await addAgent(database.db, 'alive'), await addAgent(database.db, 'gone')];
  const session = createUuid();
  const { rollCall, greeted, hello, end } = call();
  await hello(gone, session);
  await sql`UPDATE agents SET status = 'offline' WHERE id = ${alive}`.execute(database.db);
  for (const id of [alive, gone]) await rollCall.heartbeat(id, { session, time, running: 0, spooled: 0 });
  await end(gone, session);
  await rollCall.heartbeat(alive, { session, time, running: 0, spooled: 0, agent: introductionOf('renamed') });
  await rollCall.close();
  expect(await findAgent(database.db, alive)).toMatchObject({ status: 'online', name: 'renamed' });
  expect(await statusOf(gone)).toBe('idle');
  expect(greeted.map(({ agentid }) => agentid)).toEqual([gone]);
});

test('an agent that says of itself what cannot be stored is greeted all the same', async () => {
  const [odd, other] = [await addAgent(database.db, 'odd', { isOnline: false }), await addAgent(database.db, 'other')];
  const { rollCall, greeted, log, hello } = call();
  const unstorable = { ...introductionOf('odd'), starttime: '2026-02-30T00:00:00Z' };
  await Promise.all([hello(odd, createUuid(), [other], unstorable), hello(other, createUuid())]);
  await rollCall.close();
  expect(greeted.map(({ agentid }) => agentid).toSorted()).toEqual([odd, other].sort());
  expect(greeted.find(({ agentid }) => agentid === odd)!.held).toEqual([other]);
  expect(await statusOf(odd)).toBe('online');
  expect(log).toEqual([expect.stringMatching(/^hello of agent .*out of range/)]);
});
