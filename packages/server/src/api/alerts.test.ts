import { createUuid } from '@mig/action';
import { type Alert, followAlerts, listAlerts, listAudit, verifyAudit } from '@mig/api';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storeAlerts } from '../database/alerts.ts';
import { readStream } from './testing/read-stream.ts';
import { refusalOf } from './testing/refusal-of.ts';
import { addAgent } from './testing/sample-fleet.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let client: Awaited<ReturnType<TestApi['login']>>;
let web: string;
let database: string;
beforeAll(async () => {
  api = await startTestApi();
  client = await api.login(await api.add('Dana', ['read', 'admin']));
  web = await addAgent(api.database.db, 'web1');
  database = await addAgent(api.database.db, 'db1');
});
afterAll(() => api.close());

const raise = (agentid: string, ...messages: readonly string[]) =>
  storeAlerts(
    api.database.db,
    messages.map((message) => ({
      agentid,
      alert: { id: createUuid(), module: 'watch', time: new Date().toISOString(), message, fields: { message } },
    })),
  );
const first = async (count: number, query = '', last?: string): Promise<Alert[]> => {
  const taken: Alert[] = [];
  for await (const { data } of readStream(api, client.token, `/api/v1/alerts/events${query}`, last)) {
    taken.push(data as Alert);
    if (taken.length === count) break;
  }
  return taken;
};
const messagesOf = (alerts: readonly Alert[]) => alerts.map(({ message }) => message);

describe('alerts', () => {
  test('are listed with the newest first, page by page, by target and module', async () => {
    await raise(web, 'one', 'two');
    await raise(database, 'three');
    const messages = async (query: object) => {
      const taken: string[] = [];
      for await (const { message } of client.items(listAlerts, { query })) taken.push(message);
      return taken;
    };

    expect(await messages({ limit: 2 })).toEqual(['three', 'two', 'one']);
    expect(await messages({ target: "name = 'web1'" })).toEqual(['two', 'one']);
    expect(await messages({ module: 'other' })).toEqual([]);
    expect((await refusalOf(client.call(listAlerts, { query: { target: '1/0 = 1' } }))).code).toBe('TARGET_INVALID');
    expect((await refusalOf(client.call(listAlerts, { query: { after: 'x' } }))).code).toBe('BAD_REQUEST');
  });

  test('are streamed as they are stored, and from where the client was', async () => {
    const before = (await client.call(listAlerts, { query: { limit: 1 } })).items[0]!;
    const many = Array.from({ length: 120 }, (_, place) => `alert ${place}`);
    await raise(web, ...many);
    const all = await first(120, `?after=${before.change}`);

    expect(messagesOf(all)).toEqual(many);
    const last = String(all[99]!.change);
    expect(messagesOf(await first(20, '', last))).toEqual(many.slice(100));
    const live = first(2, '?target=name%3D%27db1%27', String(all.at(-1)!.change));
    await raise(web, 'not wanted');
    await raise(database, 'wanted');
    await raise(database, 'too');
    expect(messagesOf(await live)).toEqual(['wanted', 'too']);
  });

  test('are not streamed for a target that fails when it is evaluated', async () => {
    const path = '/api/v1/alerts/events?target=1%2F0%20%3D%201&after=0';
    const answer = await api.raw(path, { headers: { authorization: `Bearer ${client.token}` } });

    expect(answer).toMatchObject({ status: 422, type: 'application/problem+json' });
  });

  test('begin with what comes from now on, where the client says nothing', async () => {
    const events = readStream(api, client.token, '/api/v1/alerts/events');
    const next = events.next();
    // The stream stands once its reading is in the audit log of this reader; alerts of before do not come.
    await expect
      .poll(async () => {
        await raise(web, 'now');
        return Promise.race([next.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 20))]);
      })
      .toBe(true);
    expect(((await next).value!.data as Alert).message).toBe('now');
    await events.return(undefined);
  });
});

test('one investigator follows 64 streams at a time, and no more', async () => {
  const { token } = await api.login(await api.add('Greedy', ['read']));
  const streams = Array.from({ length: 70 }, () => readStream(api, token, '/api/v1/alerts/events?after=0'));
  const opened = await Promise.all(streams.map((stream) => stream.next()));
  expect(opened.filter(({ done }) => !done)).toHaveLength(64);
  const refusal = await refusalOf(api.client(token).follow(followAlerts).next());
  await Promise.all(streams.map((stream) => stream.return(undefined)));

  expect(refusal).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
});

describe('the audit log', () => {
  test('is for administrators, with the newest first, and verified', async () => {
    const reader = await api.login(await api.add('Rita', ['read', 'launch']));
    for (const endpoint of [listAudit, verifyAudit]) {
      expect((await refusalOf(reader.call(endpoint))).code).toBe('NOT_PERMITTED');
    }
    const numbers: number[] = [];
    for await (const { number } of client.items(listAudit, { query: { limit: 1 } })) numbers.push(number);

    expect(numbers).toEqual(numbers.map((_, place) => numbers.length - place));
    expect(await client.call(verifyAudit)).toMatchObject({ entries: numbers.length, intact: true });
  });

  test('that was tampered with is told', async () => {
    const { db } = api.database;
    await expect(sql`UPDATE audit_log SET actor = 'Nobody' WHERE number = 1`.execute(db)).rejects.toThrow('only grows');
    await sql`ALTER TABLE audit_log DISABLE TRIGGER ALL`.execute(db);
    await sql`UPDATE audit_log SET actor = 'Nobody' WHERE number = 1`.execute(db);

    expect(await client.call(verifyAudit)).toMatchObject({
      intact: false,
      broken: { number: 1, reason: 'it was changed: its hash does not fit' },
    });
  });
});
