import { once } from 'node:events';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { EventWriter } from './event-writer.ts';

const data = 'x'.repeat(20_000);
const count = 2_000;

test('a client that does not read holds up its writer, and gets everything once it reads', async () => {
  let response: import('node:http').ServerResponse | undefined;
  let sent = 0;
  const app = fastify();
  app.get('/', async (_, reply) => {
    response = reply.raw;
    const events = new EventWriter(reply);
    for (; sent < count; sent++) await events.send('item', data, sent);
    events.end();
    return reply;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const socket = connect({ host: '127.0.0.1', port });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');

  // The kernel takes some megabytes; then the writer waits.
  for (let before = -1; before !== sent || !response?.writableNeedDrain; ) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(sent).toBeLessThan(count);
  expect(response.writableLength).toBeLessThan(100_000);

  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(socket, 'end');
  expect(text.match(/^id: \d+$/gm)?.map((line) => Number(line.slice(4)))).toEqual(
    Array.from({ length: count }, (_, i) => i),
  );
  await app.close();
});

test('a writer whose client goes away comes to an end, in the middle of an event or of a wait', async () => {
  const ends: boolean[] = [];
  const isOver: (() => void)[] = [];
  const app = fastify();
  app.get('/:kind', async (request, reply) => {
    const events = new EventWriter(reply);
    const { kind } = request.params as { kind: string };
    while (!events.isGone) await (kind === 'wait' ? events.wait() : events.send('item', data));
    ends.push(events.isGone);
    isOver.shift()?.();
    return reply;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  for (const kind of ['wait', 'send']) {
    const over = new Promise<void>((resolve) => isOver.push(resolve));
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(`GET /${kind} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
    await over;
  }

  expect(ends).toEqual([true, true]);
  await app.close();
});
