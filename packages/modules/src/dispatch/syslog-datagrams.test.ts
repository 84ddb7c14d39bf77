import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { SyslogDatagrams } from './syslog-datagrams.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A socket that takes datagrams at `address`. */
async function listenAt(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, address);
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

/** Two servers at one port, a name that stands for one of them, and a clock. */
async function twoServers() {
  const first = await listenAt('127.0.0.1');
  const { port } = first.address();
  const second = await listenAt('127.0.0.2', port);
  const name = { address: '127.0.0.1', isKnown: true, asked: 0, now: 0 };
  const carrier = new SyslogDatagrams(
    { host: 'log.example.net', port },
    {
      now: () => name.now,
      async resolve() {
        name.asked++;
        if (!name.isKnown) throw new Error('getaddrinfo EAI_AGAIN log.example.net');
        return { address: name.address, family: 4 };
      },
    },
  );
  open.push(carrier);
  const arrives = async (at: Socket, text: string) => {
    const arrived = new Promise<void>((resolve) => {
      at.on('message', (message) => {
        if (String(message) === text) resolve();
      });
    });
    await carrier.send([Buffer.from(text)]);
    await arrived;
  };
  return { first, second, name, carrier, arrives };
}

test('a name that stands for another address is followed within a minute', async () => {
  const { first, second, name, arrives } = await twoServers();
  await arrives(first, 'one');
  name.address = '127.0.0.2';
  name.now = 59_999;
  await arrives(first, 'two');
  expect(name.asked).toBe(1);
  name.now = 60_000;
  await arrives(second, 'three');
  expect(name.asked).toBe(2);
});

test('a name that is not resolved now keeps the address that it had', async () => {
  const { first, name, arrives } = await twoServers();
  await arrives(first, 'one');
  name.isKnown = false;
  name.now = 60_000;
  await arrives(first, 'two');
  await arrives(first, 'three');
  expect(name.asked).toBe(2);
});

test('after a failure the name is resolved anew, whatever the time', async () => {
  const { first, second, name, carrier, arrives } = await twoServers();
  await arrives(first, 'one');
  open.splice(open.indexOf(first), 1);
  first.close();
  await once(first, 'close');
  name.address = '127.0.0.2';
  // The system tells of a datagram that nobody took with the next call, or by an event.
  while (name.asked === 1) await carrier.send([Buffer.from('lost')]).catch(() => {});
  await arrives(second, 'two');
});
