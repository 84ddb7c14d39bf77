import type { Agent } from '@mig/action';
import { expect, expectTypeOf, test } from 'vitest';
import { type ActionSummary, type CommandItem, type Counters, followAction, getAction } from '../resources/actions.ts';
import type { followAgents, getAgent } from '../resources/agents.ts';
import { type Client, createClient, type EventOf } from './create-client.ts';

const counters: Counters = {
  targeted: 2,
  pending: 1,
  sent: 0,
  delivered: 1,
  done: 1,
  success: 1,
  failed: 0,
  cancelled: 0,
  expired: 0,
  timeout: 0,
  found: 1,
};

test('the events of a stream have the types of their schemas', () => {
  expectTypeOf<EventOf<typeof followAction>>().toEqualTypeOf<
    | { readonly event: 'command'; readonly id: string | undefined; readonly data: CommandItem }
    | { readonly event: 'progress'; readonly id: string | undefined; readonly data: Counters }
    | { readonly event: 'end'; readonly id: string | undefined; readonly data: ActionSummary }
  >();
  expectTypeOf<EventOf<typeof followAgents>['data']>().toEqualTypeOf<Agent>();
  expectTypeOf<EventOf<typeof getAgent>>().toEqualTypeOf<never>();
});

test('a stream goes on from its last cursor, passes over events that it does not know, and ends with `end`', async () => {
  const asked: (string | undefined)[] = [];
  const texts = [
    `id: 7\nevent: progress\ndata: ${JSON.stringify(counters)}\n\nevent: news\ndata: {}\n\n`,
    `event: progress\ndata: ${JSON.stringify({ ...counters, done: 2 })}\n\n`,
  ];
  const ended = new AbortController();
  const client = createClient({
    url: 'http://localhost',
    fetch: async (_, { headers }) => {
      asked.push(headers['last-event-id']);
      const text = texts.shift();
      if (text === undefined) ended.abort();
      return new Response(text ?? '');
    },
  });
  const done: number[] = [];
  const request = { params: { id: '019421bc-aa00-76b6-838f-332078c28db5' }, signal: ended.signal };
  for await (const { event, data } of client.follow(followAction, request))
    if (event === 'progress') done.push(data.done);
  expect(done).toEqual([1, 2]);
  expect(asked).toEqual([undefined, '7', '7']);
});

const id = '019421bc-aa00-76b6-838f-332078c28db5';
/** What a platform of 0.1 answers: it does not keep who cancelled an action. */
const earlier = {
  id,
  name: 'who is there',
  target: 'true',
  status: 'cancelled',
  validfrom: '2026-01-02T03:04:05Z',
  expireafter: '2026-01-02T03:09:05Z',
  operations: [{ module: 'example', parameters: {} }],
  description: null,
  threat: null,
  investigators: [],
  counters,
  launchtime: '2026-01-02T03:04:05Z',
  finishtime: null,
};

function clientOf(...texts: string[]) {
  const asked: string[] = [];
  const client = createClient({
    url: 'http://localhost',
    fetch: async (url) => {
      asked.push(url);
      return new Response(texts[asked.length - 1] ?? 'asked too often');
    },
  });
  return { client, asked };
}

const endOf = (action: object) => `event: end\ndata: ${JSON.stringify(action)}\n\n`;

async function ended(client: Client): Promise<ActionSummary | undefined> {
  for await (const { event, data } of client.follow(followAction, { params: { id } })) if (event === 'end') return data;
  return undefined;
}

test('what an earlier platform does not answer is what its absence means, in an answer and in a stream', async () => {
  const { client } = clientOf(JSON.stringify(earlier), endOf(earlier));
  expect(await client.call(getAction, { params: { id } })).toEqual({ ...earlier, cancellation: null });
  expect(await ended(client)).toEqual({ ...earlier, cancellation: null });
});

test('an answer that is not understood is refused with the field; a stream is not asked for it again and again', async () => {
  const wrong = { ...earlier, counters: { ...counters, found: undefined } };
  const { client, asked } = clientOf(JSON.stringify(wrong), endOf(wrong), '<html>log in</html>');
  const message = "the platform's answer is not understood: counters.found: expected a number, got nothing";
  await expect(client.call(getAction, { params: { id } })).rejects.toMatchObject({
    code: 'MALFORMED',
    message: `GET /actions/:id: ${message}`,
  });
  await expect(ended(client)).rejects.toMatchObject({
    code: 'MALFORMED',
    message: `GET /actions/:id/events: ${message}`,
  });
  expect(asked).toHaveLength(2);
  await expect(client.call(getAction, { params: { id } })).rejects.toMatchObject({
    code: 'MALFORMED',
    message: "GET /actions/:id: expected an answer in JSON, got '<html>log in</html>'",
  });
});
