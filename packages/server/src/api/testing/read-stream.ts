/** One connection to a stream, which ends when the reader stops: nothing is resumed by itself. */
import { request } from 'node:https';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { TestApi } from './test-api.ts';

export interface ReadEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** Yields the events of `path`, from behind the event `last`; the connection is cut when the loop is left. */
export async function* readStream(
  { url, authority }: TestApi,
  token: string,
  path: string,
  last?: string,
): AsyncGenerator<ReadEvent> {
  const headers = { authorization: `Bearer ${token}`, ...(last === undefined ? {} : { 'last-event-id': last }) };
  const asking = request(`${url}${path}`, { ca: authority.cert, headers, agent: false });
  asking.end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    asking.once('response', resolve);
    asking.once('error', reject);
  });
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => waiting.push(event) });
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      parser.feed(String(chunk));
      for (const { event = 'message', id, data } of waiting.splice(0)) {
        yield { event, id, data: JSON.parse(data) as unknown };
      }
    }
  } finally {
    asking.destroy();
  }
}
