import {
  createAction,
  createEnrolmentToken,
  enrol,
  listAudit,
  listCommands,
  type StreamEvent,
  verifyAudit,
} from '@mig/api';
import { startPostgres, type TestPostgres } from '@mig/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readStream } from './testing/read-stream.ts';
import { refusalOf } from './testing/refusal-of.ts';
import { addAgent, addManyAgents, answerCommands, sampleAction, signed } from './testing/sample-fleet.ts';
import { type Person, startTestApi, type TestApi } from './testing/test-api.ts';

let postgres: TestPostgres;
/** Two processes of one platform, as far as the database can tell. */
let api: TestApi;
let other: TestApi;
let dana: Person;
let client: Awaited<ReturnType<TestApi['login']>>;
beforeAll(async () => {
  postgres = await startPostgres();
  api = await startTestApi({ url: postgres.url });
  other = await startTestApi({ url: postgres.url, setting: { authority: api.authority } });
  dana = await api.add('Dana', ['read', 'launch', 'admin']);
  client = await api.login(dana);
  await addManyAgents(api.database.db, 'agent', 2_000);
});
afterAll(async () => {
  await other.close();
  await api.close();
  await postgres.close();
});

const launch = async (target: string) =>
  client.call(createAction, { body: await signed(sampleAction({ target }), dana) });

describe('on a PostgreSQL server', () => {
  test('who logs in at one process is known to the other', async () => {
    const elsewhere = await other.login(dana);

    expect((await api.client(elsewhere.token).call(listAudit)).items[0]).toMatchObject({ event: 'logged in' });
  });

  test('an action is launched once, however many ask for it at once', async () => {
    const body = await signed(sampleAction({ target: "name LIKE 'agent%'" }), dana);
    const elsewhere = other.client(client.token);
    const launches = await Promise.all(
      [client, elsewhere, client, elsewhere].map((one) => one.call(createAction, { body })),
    );

    expect(launches.map(({ counters }) => counters.targeted)).toEqual([2_000, 2_000, 2_000, 2_000]);
    const { items } = await client.call(listAudit, { query: { limit: 10 } });
    expect(items.filter(({ event }) => event === 'action launched')).toHaveLength(1);
  });

  test('a stream at one process tells every answer that another stores, once and in order, though it is cut', async () => {
    const { id } = await launch("name LIKE 'agent%'");
    const answering = (async () => {
      while ((await answerCommands(other.database.db, id, { count: 150 })) > 0);
    })();
    const changes: number[] = [];
    let last: string | undefined;
    for (let isOver = false; !isOver; ) {
      const stopAfter = changes.length + 300;
      for await (const event of readStream(api, client.token, `/api/v1/actions/${id}/events`, last)) {
        last = event.id ?? last;
        if (event.event === 'command') changes.push((event.data as { change: number }).change);
        isOver = event.event === 'end';
        if (isOver || changes.length >= stopAfter) break;
      }
    }
    await answering;

    expect(new Set(changes).size).toBe(2_000);
    expect(changes).toHaveLength(2_000);
    expect(changes).toEqual([...changes].sort((a, b) => a - b));
  });

  test('pages, filters and cursors are the same as on the embedded database', async () => {
    for (const name of ['Ärger', 'a b', "o'neill", '%', 'Z', 'z']) await addAgent(api.database.db, `page ${name}`);
    const { id } = await launch("name LIKE 'page%'");
    await answerCommands(api.database.db, id, { count: 4, found: (place) => place < 2 });
    const names = async (query: object) => {
      const taken: string[] = [];
      for await (const { agentname } of client.items(listCommands, { params: { id }, query })) taken.push(agentname);
      return taken;
    };
    const all = await names({});

    expect(all).toHaveLength(6);
    expect(await names({ limit: 1 })).toEqual(all);
    expect(await names({ found: 'found', limit: 1 })).toHaveLength(2);
    expect(await names({ open: 'true' })).toHaveLength(2);
  });

  test.each(['pg_sleep(1) IS NULL', 'true); DROP TABLE agents; --', "pid = 'x'", '1/0 = 1'])(
    'the target %s is refused',
    async (target) => {
      expect((await refusalOf(launch(target))).code).toBe('TARGET_INVALID');
    },
  );

  test('a token for one lets one in, at whichever process', async () => {
    const { token } = await client.call(createEnrolmentToken, { body: { uses: 1 } });
    const body = { token, csr: 'x', introduction: {} } as never;
    expect((await refusalOf(api.client().call(enrol, { body }))).status).toBe(400);
    expect(await client.call(verifyAudit)).toMatchObject({ intact: true });
  });

  test('a stream goes on when the listening connection to the database is lost', async () => {
    const { id } = await launch("name LIKE 'page%'");
    const events = readStream(api, client.token, `/api/v1/actions/${id}/events`) as AsyncGenerator<StreamEvent>;
    expect((await events.next()).value).toMatchObject({ event: 'progress' });
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND query LIKE 'LISTEN%'`.execute(other.database.db);
    await answerCommands(other.database.db, id);
    const kinds: string[] = [];
    for await (const { event } of events) {
      kinds.push(event);
      if (event === 'end') break;
    }

    expect(kinds.filter((kind) => kind === 'command')).toHaveLength(6);
  });
});
