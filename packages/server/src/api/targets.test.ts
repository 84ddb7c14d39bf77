import { createUuid } from '@mig/action';
import { countTarget, createAction, deleteMacro, listMacros, putMacro } from '@mig/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusalOf } from './testing/refusal-of.ts';
import { addAgent, answerCommands, sampleAction, signed } from './testing/sample-fleet.ts';
import { type Person, startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let dana: Person;
let client: Awaited<ReturnType<TestApi['login']>>;
beforeAll(async () => {
  api = await startTestApi();
  dana = await api.add('Dana', ['read', 'launch']);
  client = await api.login(dana);
  for (const name of ['web1', 'web2', 'web3']) await addAgent(api.database.db, name);
  await addAgent(api.database.db, 'away', { isOnline: false });
});
afterAll(() => api.close());

const count = (body: object) => client.call(countTarget, { body: body as never });

describe('a target is counted', () => {
  test('by condition and by macro, and the condition is given to be signed', async () => {
    expect(await count({ target: "name LIKE 'web%'" })).toEqual({
      condition: "name LIKE 'web%'",
      count: 3,
      online: 3,
      idle: 0,
      offline: 0,
      sample: ['web1', 'web2', 'web3'],
    });
    expect(await count({ target: 'offline' })).toMatchObject({ condition: "status = 'offline'", count: 1, offline: 1 });
    expect(await count({ target: 'local', hostname: "o'neill" })).toMatchObject({
      condition: "name = 'o''neill'",
      count: 0,
    });
  });

  test('by what an earlier action found, and what is launched is what was counted', async () => {
    const { id } = await client.call(createAction, { body: await signed(sampleAction({ target: 'online' }), dana) });
    await answerCommands(api.database.db, id, { found: (place) => place === 1, count: 2 });

    const found = await count({ target: 'all', found: [id] });
    const notfound = await count({ target: 'all', notfound: [id] });
    expect([found.sample, notfound.sample]).toEqual([['web2'], ['web1']]);
    const next = await client.call(createAction, {
      body: await signed(sampleAction({ target: found.condition }), dana),
    });
    expect(next.counters.targeted).toBe(1);
  });

  test.each([
    ['an id that is none', { target: 'all', found: ["x') OR true OR found('x"] }, 'BAD_REQUEST'],
    ['local without a name', { target: 'local' }, 'TARGET_INVALID'],
    ['a comment that swallows the rest', { target: 'true --', notfound: [createUuid()] }, 'TARGET_INVALID'],
    ['a parenthesis that closes ours', { target: 'true) OR (true' }, undefined],
    ['an empty target', { target: '' }, 'BAD_REQUEST'],
    ['a field that is none', { target: 'all', hostnmae: 'x' }, 'BAD_REQUEST'],
  ])('not with %s', async (_, body, code) => {
    if (code === undefined) expect((await count(body)).count).toBe(4);
    else expect((await refusalOf(count(body))).code).toBe(code);
  });
});

describe('a macro', () => {
  test("is its investigator's own, and stands for its target", async () => {
    const target = "name LIKE 'web%'";
    expect(await client.call(putMacro, { params: { name: 'webs' }, body: { target } })).toEqual({
      name: 'webs',
      target,
      shipped: false,
    });
    const other = await api.login(await api.add('Erin', ['read']));

    expect(await count({ target: 'webs' })).toMatchObject({ condition: target, count: 3 });
    expect((await refusalOf(other.call(countTarget, { body: { target: 'webs' } }))).code).toBe('TARGET_INVALID');
    expect((await other.call(listMacros)).map(({ name }) => name)).toEqual([
      'all',
      'online',
      'idle',
      'offline',
      'local',
    ]);
    expect((await client.call(listMacros)).at(-1)).toEqual({ name: 'webs', target, shipped: false });
    await client.call(deleteMacro, { params: { name: 'webs' } });
    expect((await refusalOf(client.call(deleteMacro, { params: { name: 'webs' } }))).code).toBe('NOT_FOUND');
  });

  test('is refused with a target that is none, and under the name of one of the platform', async () => {
    const put = (name: string, target: string) => client.call(putMacro, { params: { name }, body: { target } });

    expect((await refusalOf(put('bad', 'pg_sleep(1)'))).code).toBe('TARGET_INVALID');
    expect((await refusalOf(put('online', 'true'))).code).toBe('CONFLICT');
    expect((await refusalOf(put('../etc', 'true'))).code).toBe('BAD_REQUEST');
  });
});
