import { createUuid } from '@mig/action';
import {
  type CommandItem,
  cancelAction,
  createAction,
  followAction,
  listAudit,
  listCommands,
  type StreamEvent,
} from '@mig/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expireCommands, markSent } from '../database/commands.ts';
import { readStream } from './testing/read-stream.ts';
import { refusalOf } from './testing/refusal-of.ts';
import { addManyAgents, answerCommands, sampleAction, signed } from './testing/sample-fleet.ts';
import { type Person, startTestApi, type TestApi } from './testing/test-api.ts';

const fleetSize = 5_000;
let api: TestApi;
let dana: Person;
let client: Awaited<ReturnType<TestApi['login']>>;
beforeAll(async () => {
  api = await startTestApi();
  dana = await api.add('Dana', ['read', 'launch', 'admin']);
  client = await api.login(dana);
  await addManyAgents(api.database.db, 'agent', fleetSize);
  await addManyAgents(api.database.db, 'few', 5);
});
afterAll(() => api.close());

const launch = async (target: string) =>
  (await client.call(createAction, { body: await signed(sampleAction({ target }), dana) })).id;
const followed = (id: string, query = {}): AsyncIterable<StreamEvent> =>
  client.follow(followAction, { params: { id }, query });
const all = "name LIKE 'agent%'";
const few = "name LIKE 'few%'";

describe('the stream of an action', () => {
  test('tells each end as it comes, how far it is, and the end', async () => {
    const id = await launch(few);
    const events: string[] = [];
    for await (const event of followed(id)) {
      const { counters, status } = event.data as { counters?: { done: number }; status?: string };
      const { done } = event.data as { done?: number };
      if (event.event === 'command') events.push(`command ${(event.data as CommandItem).agentname}`);
      if (event.event === 'progress') {
        events.push(`progress ${done}`);
        await answerCommands(api.database.db, id, { count: 3 });
      }
      if (event.event === 'end') events.push(`end ${status} ${counters!.done}`);
    }

    expect(events).toEqual([
      'progress 0',
      'command few0',
      'command few1',
      'command few2',
      'progress 3',
      'command few3',
      'command few4',
      'progress 5',
      'end finished 5',
    ]);
  });

  test('that is cut in the middle of 5,000 results and resumed gives every one once, in order', async () => {
    const id = await launch(all);
    const path = `/api/v1/actions/${id}/events`;
    const changes: number[] = [];
    const agents = new Set<string>();
    const take = (event: { event: string; data: unknown }) => {
      if (event.event !== 'command') return;
      const { change, agentname } = event.data as CommandItem;
      changes.push(change);
      agents.add(agentname);
    };
    const answering = (async () => {
      while ((await answerCommands(api.database.db, id, { count: 400 })) > 0);
    })();
    let last: string | undefined;
    let cuts = 0;
    for (let isOver = false; !isOver; ) {
      const stopAfter = changes.length + 700;
      for await (const event of readStream(api, client.token, path, last)) {
        take(event);
        last = event.id ?? last;
        isOver = event.event === 'end';
        if (isOver || changes.length >= stopAfter) break;
      }
      if (!isOver) cuts++;
    }
    await answering;

    expect(cuts).toBeGreaterThanOrEqual(6);
    expect(changes).toHaveLength(fleetSize);
    expect(agents.size).toBe(fleetSize);
    expect(changes).toEqual([...changes].sort((a, b) => a - b));
  });

  test('gives only what found something, or only what found nothing', async () => {
    const id = await launch(few);
    await answerCommands(api.database.db, id, { found: (place) => place === 1 });
    const names = async (found: 'found' | 'notfound') => {
      const taken: string[] = [];
      for await (const event of followed(id, { found })) {
        if (event.event === 'command') taken.push((event.data as CommandItem).agentname);
      }
      return taken;
    };

    expect(await names('found')).toEqual(['few1']);
    expect(await names('notfound')).toEqual(['few0', 'few2', 'few3', 'few4']);
  });

  test('goes on from `after` as from Last-Event-ID, and the header wins', async () => {
    const id = await launch(few);
    await answerCommands(api.database.db, id);
    const changes = async (query: string, last?: string) => {
      const taken: number[] = [];
      for await (const event of readStream(api, client.token, `/api/v1/actions/${id}/events${query}`, last)) {
        if (event.event === 'command') taken.push((event.data as CommandItem).change);
        if (event.event === 'end') break;
      }
      return taken;
    };
    const whole = await changes('');

    expect(await changes(`?after=${whole[1]}`)).toEqual(whole.slice(2));
    expect(await changes(`?after=${whole[1]}`, String(whole[3]))).toEqual(whole.slice(4));
  });

  test('of a cancelled action ends when those that had it have answered', async () => {
    const id = await launch(few);
    const { items } = await client.call(listCommands, { params: { id } });
    await markSent(api.database.db, [items[0]!.id]);
    await client.call(cancelAction, { params: { id }, body: {} });
    const seen: string[] = [];
    for await (const event of followed(id)) {
      seen.push(event.event);
      if (event.event === 'progress' && (event.data as { done: number }).done === 4) {
        await answerCommands(api.database.db, id);
      }
    }

    expect(seen).toEqual([...Array(4).fill('command'), 'progress', 'command', 'progress', 'end']);
  });

  test.each([
    ['an id that none has', `/api/v1/actions/${createUuid()}/events`, undefined, 404],
    ['a cursor that is none', 'here', 'x', 400],
  ])('is refused for %s, as a problem', async (_, path, last, status) => {
    const id = path === 'here' ? await launch(few) : '';
    const answer = await api.raw(path === 'here' ? `/api/v1/actions/${id}/events` : path, {
      headers: { authorization: `Bearer ${client.token}`, ...(last === undefined ? {} : { 'last-event-id': last }) },
    });

    expect(answer).toMatchObject({ status, type: 'application/problem+json' });
  });
});

describe('the commands of an action', () => {
  test('are listed by the name of the agent, page by page, and by what became of them', async () => {
    const id = await launch(few);
    await answerCommands(api.database.db, id, { count: 3, found: (place) => place === 1 });
    const names = async (query: object) => {
      const taken: string[] = [];
      for await (const { agentname } of client.items(listCommands, { params: { id }, query })) taken.push(agentname);
      return taken;
    };

    expect(await names({ limit: 2 })).toEqual(['few0', 'few1', 'few2', 'few3', 'few4']);
    expect(await names({ open: 'true' })).toEqual(['few3', 'few4']);
    expect(await names({ open: 'false' })).toEqual(['few0', 'few1', 'few2']);
    expect(await names({ found: 'found' })).toEqual(['few1']);
    expect(await names({ found: 'notfound', limit: 1 })).toEqual(['few0', 'few2']);
    expect(await names({ status: 'success' })).toEqual(['few0', 'few1', 'few2']);
  });

  test('are exported whole, one a line', async () => {
    const id = await launch(all);
    await answerCommands(api.database.db, id);
    const headers = { authorization: `Bearer ${client.token}`, accept: 'application/x-ndjson' };
    const { type, text } = await api.raw(`/api/v1/actions/${id}/commands`, { headers });
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as CommandItem);

    expect(type).toBe('application/x-ndjson');
    expect(new Set(lines.map(({ id: one }) => one)).size).toBe(fleetSize);
    expect(lines[0]).toMatchObject({ agentname: 'agent0', status: 'success', results: [{ elements: { text: 'ok' } }] });
    const unknown = await api.raw(`/api/v1/actions/${createUuid()}/commands`, { headers });
    expect(unknown).toMatchObject({ status: 404, type: 'application/problem+json' });
  });

  test('come in smaller pages when results are large, and none is left out', async () => {
    const id = await launch(few);
    const text = Array.from({ length: 40_000 }, () => createUuid()).join('');
    await answerCommands(api.database.db, id, { text });
    const pages: number[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const query = after === undefined ? {} : { after };
      const page: { items: readonly unknown[]; next: string | null } = await client.call(listCommands, {
        params: { id },
        query,
      });
      pages.push(page.items.length);
      after = page.next;
    }

    expect(pages.length).toBeGreaterThan(1);
    expect(pages.reduce((sum, count) => sum + count, 0)).toBe(5);
  });

  test('that expired are final, and a cursor that is none is refused', async () => {
    const id = await launch(few);
    await api.database.db
      .updateTable('actions')
      .set({ expireafter: '2020-01-01T00:00:00Z' })
      .where('id', '=', id)
      .execute();
    await expireCommands(api.database.db, 0);

    expect((await client.call(listCommands, { params: { id }, query: { status: 'expired' } })).items).toHaveLength(5);
    for (const after of ['x', `${id}`, `${id}-name`]) {
      expect((await refusalOf(client.call(listCommands, { params: { id }, query: { after } }))).code).toBe(
        'BAD_REQUEST',
      );
    }
  });

  test('are noted in the audit log once for each reader, however many pages are read', async () => {
    const id = await launch(few);
    const reader = await api.login(await api.add('Ruth', ['read']));
    for await (const _ of reader.items(listCommands, { params: { id }, query: { limit: 1 } }));
    await reader.follow(followAction, { params: { id } }).next();
    const { items } = await client.call(listAudit, { query: { limit: 50 } });

    expect(items.filter(({ event, subject }) => event === 'results read' && subject === id)).toMatchObject([
      { actor: 'Ruth' },
    ]);
  });
});
