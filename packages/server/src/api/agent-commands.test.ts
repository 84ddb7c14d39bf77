import { createUuid } from '@mig/action';
import { createAction, getCommand, listAgentCommands, listCommands } from '@mig/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
});
afterAll(() => api.close());

test('what an agent was asked is listed, the newest first, page by page, and nobody else is asked with it', async () => {
  const id = await addAgent(api.database.db, 'web1');
  await addAgent(api.database.db, 'web2');
  const names = ['first', 'second', 'third'];
  for (const name of names) {
    const body = await signed(sampleAction({ name, target: "name LIKE 'web%'" }), dana);
    const action = await client.call(createAction, { body });
    if (name === 'first') await answerCommands(api.database.db, action.id);
  }
  const listed = [];
  for await (const one of client.items(listAgentCommands, { params: { id }, query: { limit: 2 } })) listed.push(one);
  expect(listed.map(({ actionname, status, found }) => [actionname, status, found])).toEqual([
    ['third', 'pending', false],
    ['second', 'pending', false],
    ['first', 'success', true],
  ]);
  expect(new Set(listed.map(({ agentid }) => agentid))).toEqual(new Set([id]));

  const { items } = await client.call(listCommands, { params: { id: listed[2]!.actionid } });
  const one = await client.call(getCommand, { params: { id: listed[2]!.id } });
  expect(one).toEqual(items.find(({ agentid }) => agentid === id));
});

test('an agent and a command that are not there are said to be missing', async () => {
  const id = createUuid();
  expect((await refusalOf(client.call(getCommand, { params: { id } }))).status).toBe(404);
  expect((await refusalOf(client.call(listAgentCommands, { params: { id } }))).status).toBe(404);
});
