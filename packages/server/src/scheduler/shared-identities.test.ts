import { createUuid, type Uuid } from '@mig/action';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listAudit } from '../audit/audit-log.ts';
import { findAgent, insertAgent } from '../database/agents.ts';
import type { Database } from '../database/open-database.ts';
import { unmarkCopied } from '../database/presence.ts';
import { introductionOf } from '../testing/introduction-of.ts';
import { openTestDatabase } from '../testing/open-test-database.ts';
import { SharedIdentities } from './shared-identities.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
}, 120_000);
afterAll(() => database.close());

/** A process of an agent on the host `name`; each hello is on a connection of its own. */
function processOn(name: string, pid: number) {
  const agent = { ...introductionOf(name), pid };
  return () => ({
    session: createUuid(),
    agent: { ...agent, environment: { ...agent.environment, addresses: ['10.0.0.1/8'] } },
  });
}

function watch() {
  const log: string[] = [];
  let now = 0;
  const identities = new SharedIdentities(
    database.db,
    (message) => void log.push(message),
    () => now,
  );
  const audited = async (id: Uuid) =>
    (await listAudit(database.db, { limit: 100 }))
      .filter(({ subject }) => subject === id)
      .map(({ event, details }) => ({ event, details }));
  const pass = (ms: number) => {
    now += ms;
  };
  return { identities, log, audited, pass };
}

test('two processes that take turns are told once an hour, with where they run', async () => {
  const { identities, log, audited, pass } = watch();
  const [id, first, second] = [createUuid(), processOn('web1', 10), processOn('copy\u001b[2J', 20)];
  for (let i = 0; i < 5; i++) for (const hello of [first, second]) await identities.note(id, hello());
  expect(log).toEqual([
    expect.stringMatching(
      new RegExp(
        `^agent ${id} runs twice, as "copy\\\\u001b\\[2J" \\(process 20, 10.0.0.1/8\\) and as "web1" \\(process 10,`,
      ),
    ),
  ]);
  expect(await audited(id)).toMatchObject([
    {
      event: 'identity shared',
      details: {
        processes: [
          { name: 'copy\u001b[2J', pid: 20 },
          { name: 'web1', pid: 10 },
        ],
      },
    },
  ]);
  pass(3_600_000);
  await identities.note(id, first());
  expect([log.length, (await audited(id)).length]).toEqual([2, 2]);
});

test('an agent that is started again, connects again, or whose hello comes twice, is one', async () => {
  const { identities, log } = watch();
  const id = createUuid();
  const [first, second] = [processOn('web1', 10), processOn('web1', 20)];
  const old = first();
  await identities.note(id, old);
  await identities.note(id, first());
  await identities.note(id, second());
  await identities.note(id, second());
  await identities.note(createUuid(), old);
  expect(log).toEqual([]);
});

test('a hello of before that comes again after the one of a later process is no other process', async () => {
  const { identities, log } = watch();
  const id = createUuid();
  const old = processOn('web1', 10)();
  for (const hello of [old, processOn('web1', 20)(), old]) await identities.note(id, hello);
  expect(log).toEqual([]);
});

test('the agent is marked with the two that took turns last, until a day went by without', async () => {
  const { identities, pass } = watch();
  const id = createUuid();
  await insertAgent(database.db, { id, introduction: introductionOf('web1', { id }), tags: {} });
  const marked = async () => (await findAgent(database.db, id))!.copied;
  const [first, second] = [processOn('web1', 10), processOn('copy', 20)];
  for (const hello of [first, second]) await identities.note(id, hello());
  expect(await marked()).toBeNull();
  await identities.note(id, first());
  expect(await marked()).toMatchObject({ processes: [{ name: 'copy' }, { name: 'web1' }] });
  pass(60_000);
  await identities.note(id, second());
  const mark = await marked();
  expect(mark).toMatchObject({ processes: [{ name: 'web1' }, { name: 'copy', pid: 20, addresses: ['10.0.0.1/8'] }] });
  expect(Math.abs(Date.parse(mark!.time) - Date.now())).toBeLessThan(60_000);

  const setBack = (hours: number) =>
    database.db
      .updateTable('agents')
      .set({ copied: JSON.stringify({ ...mark, time: new Date(Date.now() - hours * 3_600_000).toISOString() }) })
      .where('id', '=', id)
      .execute();
  await setBack(23);
  await unmarkCopied(database.db);
  expect(await marked()).not.toBeNull();
  await setBack(25);
  await unmarkCopied(database.db);
  expect(await marked()).toBeNull();
});

test('many machines made from one image are noticed, though another one comes each time', async () => {
  const { identities, log } = watch();
  const id = createUuid();
  const machines = Array.from({ length: 40 }, (_, at) => processOn(`desk${at}`, 100 + at));
  for (let turn = 0; turn < 2; turn++) for (const hello of machines) await identities.note(id, hello());
  expect(log).toHaveLength(1);
});
