/** One connection to a stream, which ends when the reader stops: nothing is resumed by itself. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { readEvents, type StreamEvent } from '@mig/api';
import type { TestApi } from './test-api.ts';

/** Yields the events of `path`, from behind the event `last`; the connection is cut when the loop is left. */
export async function* readStream(
  { url, authority }: TestApi,
  token: string,
  path: string,
  last?: string,
): AsyncGenerator<StreamEvent> {
  const headers = { authorization: `Bearer ${token}`, ...(last === undefined ? {} : { 'last-event-id': last }) };
  const asking = request(`${url}${path}`, { ca: authority.cert, headers, agent: false });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  try {
    yield* readEvents(Readable.toWeb(response) as ReadableStream<Uint8Array>);
  } finally {
    asking.destroy();
  }
}
