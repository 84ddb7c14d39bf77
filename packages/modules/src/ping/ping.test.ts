import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { describeContract, run, runFlags } from '@mig/module/testing';
import { describe, expect, test } from 'vitest';
import { pingCommand, readEcho } from './attempt.ts';
import { type Elements, ping, timedOut, unreachable } from './ping.ts';

describeContract(ping);

const elementsOf = (result: { readonly elements: unknown }) => result.elements as Elements;

/** Runs `use` with the port of a TCP server on loopback. */
async function withTcpServer(use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as { port: number }).port);
  } finally {
    server.close();
  }
}

/** Runs `use` with the port of a UDP socket on loopback that echoes, or is silent. */
async function withUdpSocket(isEcho: boolean, use: (port: number) => Promise<void>): Promise<void> {
  const socket = createSocket('udp4');
  if (isEcho) socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  try {
    await use(socket.address().port);
  } finally {
    socket.close();
  }
}

describe('ping', () => {
  test('reaches a TCP listener, as often as asked', () =>
    withTcpServer(async (port) => {
      const result = await runFlags(ping, ['-d', '127.0.0.1', '-p', 'tcp', '-dp', String(port), '-c', '4']);
      const { latencies, ...rest } = elementsOf(result);
      expect(result.foundanything).toBe(true);
      expect(rest).toEqual({ protocol: 'tcp', resolvedhost: '127.0.0.1', failures: 0 });
      expect(latencies).toHaveLength(4);
      for (const latency of latencies) expect(latency > 0 && latency < 5000).toBe(true);
    }));

  test('says -1 where nobody listens on a TCP port', async () => {
    let closed = 0;
    await withTcpServer(async (port) => {
      closed = port;
    });
    const result = await runFlags(ping, ['-d', 'localhost', '-p', 'tcp', '-dp', String(closed), '-c', '2']);
    expect(result.foundanything).toBe(false);
    expect(elementsOf(result)).toMatchObject({ latencies: [unreachable, unreachable], failures: 2 });
  });

  test('measures a UDP service that answers', () =>
    withUdpSocket(true, async (port) => {
      const result = await runFlags(ping, ['-d', '127.0.0.1', '-p', 'udp', '-dp', String(port), '-c', '2']);
      expect(elementsOf(result).failures).toBe(0);
      for (const latency of elementsOf(result).latencies) expect(latency < 5000).toBe(true);
    }));

  test('takes the silence of a UDP port for reachable', () =>
    withUdpSocket(false, async (port) => {
      const result = await run(ping, {
        destination: '127.0.0.1',
        protocol: 'udp',
        destinationport: port,
        count: 1,
        timeout: 0.2,
      });
      expect(result.foundanything).toBe(true);
      expect(elementsOf(result)).toMatchObject({ latencies: [timedOut], failures: 0 });
    }));

  test('says -1 where a UDP port is closed', async () => {
    let closed = 0;
    await withUdpSocket(false, async (port) => {
      closed = port;
    });
    const result = await run(ping, {
      destination: '127.0.0.1',
      protocol: 'udp',
      destinationport: closed,
      count: 1,
      timeout: 2,
    });
    expect(result.foundanything).toBe(false);
    expect(elementsOf(result)).toMatchObject({ latencies: [unreachable], failures: 1 });
  });

  test.each(['udp', 'tcp', 'icmp'])('says -1 for an address that %s has no way to', async (protocol) => {
    // A multicast or link-local address without an interface, and one of an interface that is not there.
    for (const destination of ['fe80::1%nosuch', '255.255.255.255']) {
      const result = await run(ping, { destination, protocol, count: 1, timeout: 0.2 });
      expect([destination, result.errors, elementsOf(result).latencies]).toEqual([destination, null, [unreachable]]);
    }
  });

  test('has the ping command send ICMP, and agrees with it', async () => {
    const said = readEcho(execFileSync('ping', ['-c', '1', '127.0.0.1'], { encoding: 'utf8' }));
    const result = await runFlags(ping, ['-d', '127.0.0.1', '-p', 'icmp', '-c', '2']);
    expect(said.isReached).toBe(true);
    expect([result.foundanything, elementsOf(result).failures]).toEqual([true, 0]);
  });

  test('ends when it is stopped while it waits', () =>
    withUdpSocket(false, async (port) => {
      const stopper = new AbortController();
      setTimeout(() => stopper.abort(), 100);
      const result = await run(
        ping,
        { destination: '127.0.0.1', protocol: 'udp', destinationport: port, timeout: 60 },
        { signal: stopper.signal },
      );
      expect(result.errors).toEqual(['stop message received, terminating early']);
    }));

  test('refuses a port with icmp, an unknown protocol and a host that is none', async () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [
        { destination: '127.0.0.1', protocol: 'icmp', destinationport: 80 },
        /^parameter 'destinationport': expected no port with icmp, got 80$/,
      ],
      [
        { destination: '127.0.0.1', protocol: 'sctp' },
        /^parameter 'protocol': expected one of 'icmp', 'tcp', 'udp', got 'sctp'$/,
      ],
      [{ destination: '-f', protocol: 'icmp' }, /^parameter 'destination': expected an IPv4 or IPv6 address/],
      [{ destination: 'no-such-host.invalid', protocol: 'tcp' }, /does not resolve/],
    ];
    for (const [parameters, expected] of cases) {
      const result = await run(ping, parameters);
      expect(result.errors![0]).toMatch(expected);
    }
  });
});

test.each([
  ['linux', '192.0.2.1', 'ping -n -c 1 -W 2 192.0.2.1'],
  ['linux', '2001:db8::1', 'ping -n -c 1 -W 2 -6 2001:db8::1'],
  ['darwin', '192.0.2.1', 'ping -n -c 1 -t 2 192.0.2.1'],
  ['darwin', '2001:db8::1', 'ping6 -n -c 1 2001:db8::1'],
  ['win32', '2001:db8::1', 'ping -n 1 -w 1500 2001:db8::1'],
])('on %s, the echo to %s is sent by %s', (platform, address, command) => {
  expect(pingCommand(address, 1500, platform).join(' ')).toBe(command);
});

describe('readEcho', () => {
  test.each([
    ['iputils', '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.045 ms', 0.045],
    ['BusyBox', '64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.061 ms', 0.061],
    ['BSD', '64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.072 ms', 0.072],
    ['Windows', 'Reply from 127.0.0.1: bytes=32 time<1ms TTL=128', 1],
    ['nobody', 'From 192.0.2.1 icmp_seq=1 Destination Host Unreachable', unreachable],
    ['silence', '1 packets transmitted, 0 received, 100% packet loss, time 0ms', timedOut],
  ])('reads what %s prints', (_, output, latency) => {
    expect(readEcho(output).latency).toBe(latency);
  });
});
