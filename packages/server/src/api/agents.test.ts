import { type Agent, AgentStatus, createUuid } from '@mig/action';
import {
  destroyAgent,
  followAgents,
  getAgent,
  getAgentCounts,
  listAgents,
  listAudit,
  listCommands,
  type StreamEvent,
  updateAgent,
  updateInvestigator,
} from '@mig/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findAction } from '../database/actions.ts';
import { destroyAgent as destroy } from '../database/agents.ts';
import { ageAgents, agentsSaidHello, agentsWentAway } from '../database/presence.ts';
import { introductionOf } from '../testing/introduction-of.ts';
import { launchSample } from '../testing/launch-sample.ts';
import { readStream } from './testing/read-stream.ts';
import { refusalOf } from './testing/refusal-of.ts';
import { addAgent, addManyAgents } from './testing/sample-fleet.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let client: Awaited<ReturnType<TestApi['login']>>;
let web: string;
beforeAll(async () => {
  api = await startTestApi();
  client = await api.login(await api.add('Dana', ['read', 'admin']));
  web = await addAgent(api.database.db, 'web1');
  await addAgent(api.database.db, 'db1', { isOnline: false, os: 'darwin' });
  await addManyAgents(api.database.db, 'many', 450);
});
afterAll(() => api.close());

describe('agents', () => {
  test('are listed by name, page by page, by target, status and a part of the name', async () => {
    const names = async (query: object) => {
      const taken: string[] = [];
      for await (const { name } of client.items(listAgents, { query })) taken.push(name);
      return taken;
    };
    const everybody = await names({ limit: 100 });

    expect(everybody).toHaveLength(452);
    expect(new Set(everybody).size).toBe(452);
    expect(everybody).toEqual([...everybody].sort());
    expect(await names({ target: "environment->>'os' = 'darwin'" })).toEqual(['db1']);
    expect(await names({ target: 'offline' })).toEqual(['db1']);
    expect(await names({ target: 'local', hostname: 'web1' })).toEqual(['web1']);
    expect(await names({ status: 'offline' })).toEqual(['db1']);
    expect(await names({ name: 'WEB' })).toEqual(['web1']);
  });

  test('that have the longest of names still have a next page', async () => {
    const name = 'z'.repeat(254);
    for (const last of ['a', 'b']) await addAgent(api.database.db, `${name}${last}`);
    const taken: string[] = [];
    for await (const agent of client.items(listAgents, { query: { name, limit: 1 } })) taken.push(agent.name);

    expect(taken).toEqual([`${name}a`, `${name}b`]);
  });

  test('are shown one by one', async () => {
    expect(await client.call(getAgent, { params: { id: web } })).toMatchObject({
      id: web,
      name: 'web1',
      status: 'online',
    });
    expect((await refusalOf(client.call(getAgent, { params: { id: createUuid() } }))).code).toBe('NOT_FOUND');
  });

  test('are tagged by administrators, and that is noted', async () => {
    const tagged = await client.call(updateAgent, { params: { id: web }, body: { tags: { team: 'web' } } });
    const [entry] = (await client.call(listAudit, { query: { limit: 1 } })).items;

    expect(tagged.tags).toEqual({ team: 'web' });
    expect(entry).toMatchObject({
      actor: 'Dana',
      event: 'agent tagged',
      subject: web,
      details: { tags: { team: 'web' } },
    });
    expect((await client.call(listAgents, { query: { target: "tags->>'team' = 'web'" } })).items).toHaveLength(1);
  });

  test('are counted by status and by what they run on and are', async () => {
    const all: Agent[] = [];
    for (const status of AgentStatus.options) {
      for await (const agent of client.items(listAgents, { query: { status } })) all.push(agent);
    }
    const count = (status: string, among: readonly Agent[]) => among.filter((agent) => agent.status === status).length;
    const counted = await client.call(getAgentCounts);
    expect(counted).toMatchObject(
      Object.fromEntries(AgentStatus.options.map((status) => [status, count(status, all)])),
    );
    const named = counted.groups.map(({ os, arch, version, ...counts }) => {
      const members = all.filter((agent) => agent.status !== 'destroyed' && agent.environment.os === os);
      expect(counts).toEqual({
        online: count('online', members),
        idle: count('idle', members),
        offline: count('offline', members),
      });
      return `${os} ${arch} ${version}`;
    });
    const living = all.filter(({ status }) => status !== 'destroyed');
    const kinds = living.map(({ environment, version }) => `${environment.os} ${environment.arch} ${version}`);
    expect(named.toSorted()).toEqual([...new Set(kinds)].sort());
  });

  test('are destroyed by administrators alone, and are in no list any more', async () => {
    const gone = await addAgent(api.database.db, 'gone');
    const reader = await api.login(await api.add('Rita', ['read', 'launch']));
    const { action } = await launchSample(api.database.db, [gone]);

    expect((await refusalOf(reader.call(destroyAgent, { params: { id: gone } }))).code).toBe('NOT_PERMITTED');
    expect((await refusalOf(reader.call(updateAgent, { params: { id: gone }, body: { tags: {} } }))).code).toBe(
      'NOT_PERMITTED',
    );
    expect(await client.call(destroyAgent, { params: { id: gone } })).toMatchObject({ status: 'destroyed' });
    // What was open of it is over, and says why.
    expect(await findAction(api.database.db, action.id)).toMatchObject({
      status: 'finished',
      counters: { cancelled: 1, delivered: 0 },
    });
    const { items } = await client.call(listCommands, { params: { id: action.id } });
    expect(items[0]!.refusals).toMatchObject([{ operation: null, code: 'AGENT_DESTROYED' }]);
    expect((await client.call(listAudit)).items).toContainEqual(
      expect.objectContaining({
        event: 'agent destroyed',
        details: { name: 'gone', commands: 1 },
      }),
    );
    expect((await client.call(listAgents, { query: { name: 'gone' } })).items).toEqual([]);
    expect((await client.call(listAgents, { query: { status: 'destroyed' } })).items).toHaveLength(1);
    const hello = { id: gone, session: createUuid(), introduction: introductionOf('gone') };
    expect(await agentsSaidHello(api.database.db, [hello])).toEqual(new Set());
  });

  test.each([
    ['a sub-select', 'EXISTS (SELECT FROM investigators)'],
    ['a function that is not on the list', 'pg_read_file(name) IS NULL'],
    ['a second statement', 'true); DELETE FROM agents; --'],
    ['a syntax error', 'name ='],
  ])('are not listed for a target with %s', async (_, target) => {
    const refusal = await refusalOf(client.call(listAgents, { query: { target } }));

    expect(refusal).toMatchObject({ status: 422, code: 'TARGET_INVALID' });
    expect(refusal.problem.position).toEqual(expect.any(Number));
  });

  test('are not listed from a cursor that is none, nor for a filter that is none', async () => {
    expect((await refusalOf(client.call(listAgents, { query: { after: 'x' } }))).code).toBe('BAD_REQUEST');
    const query = { nmae: 'web' } as object;
    expect((await refusalOf(client.call(listAgents, { query }))).problem.detail).toContain('nmae');
  });
});

describe('the stream of agents', () => {
  let events: AsyncGenerator<StreamEvent>;
  const next = async () => (await events.next()).value!.data as Agent;
  beforeEach(() => {
    events = readStream(api, client.token, '/api/v1/agents/events');
    return async () => void (await events.return(undefined));
  });

  test('tells all as they are, and each that comes, goes, ages or is destroyed from then on', async () => {
    const { items } = await client.call(listAgents, { query: { limit: 1000 } });
    const told: string[] = [];
    while (told.length < items.length) told.push((await next()).id);
    expect(told).toEqual(items.map(({ id }) => id));

    const { db } = api.database;
    const session = createUuid();
    await agentsSaidHello(db, [{ id: web, session, introduction: introductionOf('web1') }]);
    expect(await next()).toMatchObject({ id: web, status: 'online' });
    await agentsWentAway(db, [{ id: web, session }]);
    expect(await next()).toMatchObject({ id: web, status: 'idle' });
    await db.updateTable('agents').set({ heartbeattime: '2020-01-01T00:00:00Z' }).where('id', '=', web).execute();
    await ageAgents(db, 5, 60);
    expect(await next()).toMatchObject({ id: web, status: 'offline' });
    await destroy(db, web);
    expect(await next()).toMatchObject({ id: web, status: 'destroyed' });
  });
});

test('a stream ends when the right to read it does, and who comes again is refused', async () => {
  const watchful = await startTestApi({ database: api.database, options: { recheckMs: 20 } });
  const reader = await watchful.add('Reader', ['read']);
  const { token } = await watchful.login(reader);
  const events = readStream(watchful, token, '/api/v1/agents/events?');
  await events.next();
  await client.call(updateInvestigator, { params: { id: reader.investigator.id }, body: { permissions: [] } });
  for await (const _ of events);

  expect((await refusalOf(watchful.client(token).follow(followAgents).next())).code).toBe('NOT_PERMITTED');
  await watchful.close();
});

test('the stream of agents is for those who may read', async () => {
  const nobody = await api.login(await api.add('Launcher', ['launch']));
  expect((await refusalOf(nobody.follow(followAgents).next())).code).toBe('NOT_PERMITTED');
});
