import type { Agent } from '@mig/action';
import { expect, expectTypeOf, test } from 'vitest';
import { type ActionSummary, type CommandItem, type Counters, followAction } from '../resources/actions.ts';
import type { followAgents, getAgent } from '../resources/agents.ts';
import { createClient, type EventOf } from './create-client.ts';

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
