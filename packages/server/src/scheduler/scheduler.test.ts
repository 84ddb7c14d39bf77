import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listAudit } from '../audit/audit-log.ts';
import { findAction } from '../database/actions.ts';
import { findAgent } from '../database/agents.ts';
import { cancelCommands } from '../database/commands.ts';
import type { Database } from '../database/open-database.ts';
import { openTestDatabase } from '../testing/open-test-database.ts';
import { type TestScheduler, withScheduler } from '../testing/with-scheduler.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const schedule = (use: (scheduler: TestScheduler) => Promise<void>) => withScheduler(database, use);

test('sends a command at once to who is there, and to who comes later when it says hello', () =>
  schedule(async ({ enrol, launch, start }) => {
    const [here, away] = [await enrol('here'), await enrol('away')];
    await start();
    await here.connect();
    await here.hello();
    const id = await launch([here, away]);
    const sent = await here.next('command');
    expect(sent.actionid).toBe(id);
    await here.answer(sent);
    await here.next('acknowledgement');
    expect((await findAction(database.db, id))!.counters).toMatchObject({
      targeted: 2,
      pending: 1,
      success: 1,
      found: 1,
    });
    await away.connect();
    await away.hello();
    await away.answer(await away.next('command'));
    await away.next('acknowledgement');
    expect(await findAction(database.db, id)).toMatchObject({ status: 'finished', counters: { success: 2, done: 2 } });
  }));

test('finds agents that said hello while nobody listened, and sends what they are owed', () =>
  schedule(async ({ enrol, launch, start }) => {
    const agent = await enrol('early');
    await agent.connect();
    await agent.hello();
    const id = await launch([agent]);
    await start();
    expect((await agent.next('command')).actionid).toBe(id);
    expect((await findAgent(database.db, agent.id))!.status).toBe('online');
  }));

test('sends again what was sent and may be lost, but nothing that the agent holds', () =>
  schedule(async ({ enrol, launch, start, command }) => {
    const agent = await enrol('one');
    await start();
    await agent.connect();
    await agent.hello();
    await launch([agent]);
    const { commandid } = await agent.next('command');
    await expect.poll(async () => (await command(commandid)).status).toBe('sent');
    await agent.hello([commandid]);
    await agent.hello();
    expect((await agent.next('command')).commandid).toBe(commandid);
    expect(agent.waiting('command')).toBe(0);
  }));

test('acknowledges a result each time that it comes, and keeps the first', () =>
  schedule(async ({ enrol, launch, start, command }) => {
    const agent = await enrol('one');
    await start();
    await agent.connect();
    await agent.hello();
    await launch([agent]);
    const sent = await agent.next('command');
    await agent.answer(sent);
    expect(await agent.next('acknowledgement')).toMatchObject({ id: sent.commandid, outcome: 'stored' });
    await agent.answer(sent, { status: 'failed' });
    expect(await agent.next('acknowledgement')).toMatchObject({ id: sent.commandid, outcome: 'stored' });
    expect((await command(sent.commandid)).status).toBe('success');
  }));

test("refuses a result for somebody else's command, and notes it", () =>
  schedule(async ({ enrol, launch, start, command }) => {
    const [honest, liar] = [await enrol('honest'), await enrol('liar')];
    await start();
    for (const agent of [honest, liar]) {
      await agent.connect();
      await agent.hello();
    }
    await launch([honest]);
    const sent = await honest.next('command');
    await liar.answer(sent, { results: null });
    expect(await liar.next('acknowledgement')).toMatchObject({ id: sent.commandid, outcome: 'refused' });
    expect((await command(sent.commandid)).results).toBeNull();
    await expect
      .poll(() => listAudit(database.db, { limit: 10 }))
      .toMatchObject([{ actor: `agent ${liar.id}`, event: 'result refused', subject: sent.commandid }]);
  }));

test('refuses an alert of an agent that is none of the fleet, and notes it', () =>
  schedule(async ({ enrol, start }) => {
    const stranger = await enrol('stranger');
    await start();
    await stranger.connect();
    await sql`DELETE FROM agents WHERE id = ${stranger.id}`.execute(database.db);
    const id = await stranger.alert();
    expect(await stranger.next('acknowledgement')).toMatchObject({ of: 'alert', id, outcome: 'refused' });
    await expect
      .poll(() => listAudit(database.db, { limit: 1 }))
      .toMatchObject([{ actor: `agent ${stranger.id}`, event: 'alert refused', subject: id }]);
  }));

test('tells an agent that comes back of what was cancelled meanwhile', () =>
  schedule(async ({ enrol, launch, start, command }) => {
    const [told, never] = [await enrol('told'), await enrol('never')];
    await start();
    await told.connect();
    await told.hello();
    const id = await launch([told, never]);
    const sent = await told.next('command');
    await expect.poll(async () => (await command(sent.commandid)).status).toBe('sent');
    await cancelCommands(database.db, id, { by: 'Dana', reason: 'wrong target' });
    expect((await findAction(database.db, id))!.counters).toMatchObject({ cancelled: 1, sent: 1 });
    await told.hello([sent.commandid]);
    expect(await told.next('cancel')).toMatchObject({
      commandid: sent.commandid,
      actionid: id,
      reason: 'by Dana: wrong target',
    });
  }));

test('ends what was not answered in time: what was never sent at the end of the window, the rest after the grace', () =>
  schedule(async ({ enrol, launch, start, command }) => {
    const [silent, away] = [await enrol('silent'), await enrol('away')];
    await start({ tickMs: 20, graceSeconds: 1 });
    await silent.connect();
    await silent.hello();
    const id = await launch([silent, away], { expireafter: new Date(Date.now() + 1_000) });
    const sent = await silent.next('command');
    await expect
      .poll(async () => (await findAction(database.db, id))!.counters, { timeout: 5_000 })
      .toMatchObject({ expired: 1, sent: 1 });
    await expect.poll(async () => (await findAction(database.db, id))!.status, { timeout: 5_000 }).toBe('finished');
    expect((await findAction(database.db, id))!.counters).toMatchObject({ expired: 2 });
    // An answer that comes after all is worth more than none.
    await silent.answer(sent);
    await silent.next('acknowledgement');
    expect((await command(sent.commandid)).status).toBe('success');
  }));

test('sends nothing before its window begins', () =>
  schedule(async ({ enrol, launch, start }) => {
    const agent = await enrol('one');
    await start({ tickMs: 20 });
    await agent.connect();
    await agent.hello();
    const validfrom = new Date(Date.now() + 1_000);
    const id = await launch([agent], { validfrom });
    expect((await findAction(database.db, id))!.status).toBe('pending');
    await agent.next('command');
    expect(Date.now()).toBeGreaterThanOrEqual(validfrom.getTime());
  }));

test('goes on where a scheduler before it stopped, between launch and dispatch', () =>
  schedule(async ({ enrol, launch, start }) => {
    const agent = await enrol('one');
    const first = await start();
    await agent.connect();
    await agent.hello();
    await first.close();
    const id = await launch([agent]);
    await start();
    expect((await agent.next('command')).actionid).toBe(id);
  }));

test('greets a crowd at once: each is sent what it is owed, and nothing that it holds', () =>
  schedule(async ({ enrol, launch, start }) => {
    const agents = await Promise.all(Array.from({ length: 40 }, (_, place) => enrol(`crowd ${place}`)));
    const id = await launch(agents);
    const commands = await database.db.selectFrom('commands').selectAll().where('actionid', '=', id).execute();
    const of = ({ id: agentid }: (typeof agents)[number]) => commands.find((one) => one.agentid === agentid)!.id;
    await start();
    const [liar, holder, ...others] = agents;
    await Promise.all(agents.map((agent) => agent.connect()));
    await Promise.all([
      // One holds its own, one says that it holds everybody's: that is believed of its own alone.
      holder!.hello([of(holder!)]),
      liar!.hello(agents.map(of)),
      ...others.map((agent) => agent.hello()),
    ]);
    const sent = await Promise.all(others.map((agent) => agent.next('command')));
    expect(sent.map(({ commandid }) => commandid)).toEqual(others.map(of));
    await holder!.hello();
    expect((await holder!.next('command')).commandid).toBe(of(holder!));
  }));

test('notes who is gone, and who is back', () =>
  schedule(async ({ enrol, start }) => {
    const agent = await enrol('one');
    await start();
    await agent.connect();
    await agent.hello();
    const status = async () => (await findAgent(database.db, agent.id))!.status;
    await expect.poll(status).toBe('online');
    await agent.disconnect();
    await expect.poll(status).toBe('idle');
    await agent.connect();
    await agent.hello();
    await expect.poll(status).toBe('online');
  }));

test('acknowledges a flood of alerts, more than are handled at a time', () =>
  schedule(async ({ enrol, start }) => {
    const agent = await enrol('one');
    await start();
    await agent.connect();
    await agent.hello();
    const ids = await Promise.all(Array.from({ length: 12_000 }, () => agent.alert()));
    const told = await Promise.all(ids.map(() => agent.next('acknowledgement')));
    expect(told.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  }));
