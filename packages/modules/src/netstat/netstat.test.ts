import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer, type Server } from 'node:net';
import { enhancePrivacy } from '@mig/module';
import { describeContract, run, runFlags } from '@mig/module/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, holds, parseAddress, parseNetwork } from './address.ts';
import { type Elements, netstat } from './netstat.ts';
import { createFibTrieReader, parseArp, parseIfInet6, parseIpLink, parseIpNeigh, parseSocket } from './proc-net.ts';

describeContract(netstat);

const elementsOf = (result: { readonly elements: unknown }) => result.elements as Elements;

async function withServer(host: string, use: (port: number, server: Server) => Promise<void>): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  try {
    await use((server.address() as { port: number }).port, server);
  } finally {
    server.close();
  }
}

/** What `use` gives as a user without rights. */
async function asNobody<T>(use: () => Promise<T>): Promise<T> {
  expect(process.getuid!(), 'expected to run as root, and to be able to become another user').toBe(0);
  process.seteuid!(65_534);
  try {
    return await use();
  } finally {
    process.seteuid!(0);
  }
}

describe('netstat', () => {
  test('finds a listener by its port, with the process that owns it', () =>
    withServer('127.0.0.1', async (port) => {
      const result = await runFlags(netstat, ['-lp', String(port), '-lp', '1']);
      expect(elementsOf(result)).toEqual({
        listeningport: {
          '1': [],
          [port]: [{ localaddr: '127.0.0.1', localport: port, pid: process.pid, process: process.execPath }],
        },
      });
      expect(result.foundanything).toBe(true);
    }));

  test('finds a UDP socket by its port', async () => {
    const socket = createSocket('udp6');
    await new Promise<void>((resolve) => socket.bind(0, '::1', resolve));
    const { port } = socket.address();
    const result = await runFlags(netstat, ['-lp', String(port)]);
    socket.close();
    expect(elementsOf(result).listeningport![port]).toMatchObject([
      { localaddr: '::1', localport: port, pid: process.pid },
    ]);
  });

  test('listens where ss says that something listens', async () => {
    await withServer('0.0.0.0', async () => {
      const lines = execFileSync('ss', ['-Htuln'], { encoding: 'utf8' }).trim().split('\n');
      const expected = [
        ...new Set(
          lines.map((line) =>
            line
              .trim()
              .split(/\s+/)[4]!
              .replace(/%[^:\]]+/, ''),
          ),
        ),
      ].sort();
      const ports = [...new Set(expected.map((end) => end.slice(end.lastIndexOf(':') + 1)))];
      const result = await runFlags(
        netstat,
        ports.flatMap((port) => ['-lp', port]),
      );
      const found = Object.values(elementsOf(result).listeningport!).flat();
      const ours = new Set(
        found.map(({ localaddr, localport }) =>
          localaddr!.includes(':') ? `[${localaddr}]:${localport}` : `${localaddr}:${localport}`,
        ),
      );
      expect([...ours].sort()).toEqual(expected.map((end) => end.replace(/^\*:/, '[::]:')).sort());
    });
  });

  test('finds a connection by the network of its peer; an IPv4 peer of an IPv6 socket too', () =>
    withServer('::', async (port, server) => {
      const accepted = new Promise<void>((resolve) => server.once('connection', () => resolve()));
      const socket = connect(port, '127.0.0.1');
      await accepted;
      const local = socket.localPort!;
      const result = await runFlags(netstat, ['-ci', '127.0.0.0/8', '-ci', '192.0.2.0/24']);
      socket.destroy();
      const { connectedip } = elementsOf(result);
      expect(connectedip!['192.0.2.0/24']).toEqual([]);
      const ends = connectedip!['127.0.0.0/8']!.map(
        (one) => `${one.localaddr}:${one.localport}>${one.remoteaddr}:${one.remoteport}`,
      );
      expect(ends).toEqual(
        expect.arrayContaining([`127.0.0.1:${local}>127.0.0.1:${port}`, `127.0.0.1:${port}>127.0.0.1:${local}`]),
      );
    }));

  test('has the addresses and the MAC addresses that ip lists', async () => {
    const links = JSON.parse(execFileSync('ip', ['-j', 'addr'], { encoding: 'utf8' })) as {
      address?: string;
      addr_info?: { local?: string }[];
    }[];
    const macs = [
      ...new Set(links.flatMap(({ address }) => (address !== undefined && !/^[0:]+$/.test(address) ? [address] : []))),
    ].sort();
    const addresses = links
      .flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => (local === undefined ? [] : [local])))
      .sort();
    const result = await runFlags(netstat, ['-lm', '.', '-li', '0.0.0.0/0', '-li', '::/0']);
    const { localmac, localip } = elementsOf(result);
    expect(localmac!['.']!.map(({ localmacaddr }) => localmacaddr)).toEqual(macs);
    expect(
      Object.values(localip!)
        .flat()
        .map(({ localaddr }) => localaddr)
        .sort(),
    ).toEqual(addresses);
  });

  test('has the neighbours that ip neigh lists, by address and by MAC address', async () => {
    const lines = execFileSync('ip', ['neigh', 'show'], { encoding: 'utf8' }).trim().split('\n');
    const known = lines.flatMap((line) => (/\blladdr\b/.test(line) ? [line.split(' ')[0]!] : []));
    const result = await runFlags(netstat, ['-ni', '0.0.0.0/0', '-ni', '::/0', '-nm', '.']);
    const { neighborip, neighbormac } = elementsOf(result);
    expect(
      Object.values(neighborip!)
        .flat()
        .map(({ remoteaddr }) => remoteaddr)
        .sort(),
    ).toEqual(known.sort());
    expect(neighbormac!['.']!).toHaveLength(known.length);
  });

  test('looks into other network namespaces when asked, and only then', async () => {
    const script = `require('net').createServer().listen(4445, '0.0.0.0', () => console.log('up'))`;
    const child = spawn('unshare', ['-n', process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((resolve, reject) => {
        child.stdout.once('data', resolve);
        child.once('exit', () =>
          reject(new Error('unshare -n needs root: run the tests as root, or in a user namespace')),
        );
      });
      const outside = elementsOf(await runFlags(netstat, ['-lp', '4445']));
      const inside = elementsOf(await runFlags(netstat, ['-lp', '4445', '-namespaces']));
      expect(outside.listeningport!['4445']).toEqual([]);
      expect(inside.listeningport!['4445']).toEqual([
        {
          localaddr: '0.0.0.0',
          localport: 4445,
          namespace: expect.stringMatching(/^net:\[\d+\]$/),
          pid: child.pid,
          process: process.execPath,
        },
      ]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('says of how many sockets the owner is unknown, and finds them all the same', async () => {
    const script = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const port = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
      const owned = await runFlags(netstat, ['-lp', String(port)]);
      const common = { localaddr: '127.0.0.1', localport: port };
      expect(elementsOf(owned).listeningport![port]).toEqual([
        { ...common, pid: child.pid, process: process.execPath },
      ]);
      const result = await asNobody(() => runFlags(netstat, ['-lp', String(port)]));
      expect(elementsOf(result).listeningport![port]).toEqual([common]);
      expect(result.errors).toEqual([
        expect.stringMatching(/^the owners of 1 sockets are unknown: \d+ processes may not be looked into/),
      ]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('refuses what is no address, no port, and no question at all', async () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ connectedip: ['192.0.2.300'] }, /^parameter 'connectedip\[0\]': expected an address or a network/],
      [{ listeningport: [65536] }, /^parameter 'listeningport\[0\]': expected at most 65535, got 65536$/],
      [{ localmac: ['('] }, /^parameter 'localmac\[0\]': expected a regular expression/],
      [{}, /expected at least one of localmac/],
    ];
    for (const [parameters, expected] of cases) expect((await run(netstat, parameters)).errors![0]).toMatch(expected);
  });

  test('masks addresses in privacy mode, and keeps ports and counts', () => {
    const elements = { listeningport: { '22': [{ localaddr: '192.0.2.1', localport: 22, pid: 7 }] } };
    const result = { foundanything: true, success: true, elements, statistics: null, errors: null };
    expect(enhancePrivacy(netstat, result).elements).toEqual({
      listeningport: { '22': [{ localaddr: 'masked', localport: 22, pid: 7 }] },
    });
  });
});

describe('addresses', () => {
  const v4 = fc.ipV4();
  const v6 = fc.ipV6();

  test('are read, compared and written as Python’s ipaddress does', () => {
    const cases = fc.sample(fc.tuple(fc.oneof(v4, v6), fc.nat(128), fc.oneof(v4, v6)), 400);
    const program = `
import ipaddress, json, sys
out = []
for a, p, b in json.load(sys.stdin):
    x, y = ipaddress.ip_address(a), ipaddress.ip_address(b)
    p = min(p, x.max_prefixlen)
    n = ipaddress.ip_network(a + '/' + str(p), strict=False)
    m = getattr(y, 'ipv4_mapped', None)
    y2 = m if m is not None and x.version == 4 else y
    out.append([p, y2.version == x.version and y2 in n, str(x) if getattr(x, 'ipv4_mapped', None) is None else str(x.ipv4_mapped)])
print(json.dumps(out))`;
    const truth = JSON.parse(
      execFileSync('python3', ['-c', program], { input: JSON.stringify(cases), encoding: 'utf8' }),
    ) as [number, boolean, string][];
    cases.forEach(([a, , b], i) => {
      const [prefix, isIn, text] = truth[i]!;
      expect([a, b, holds(parseNetwork(`${a}/${prefix}`)!, parseAddress(b)!)]).toEqual([a, b, isIn]);
      expect(formatAddress(parseAddress(a)!)).toBe(text);
    });
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    '1.2.3.4/33',
    '::/129',
    '::1/',
    'localhost',
  ])('%j is none', (text) => expect(parseNetwork(text)).toBeUndefined());

  test('any text is read or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseNetwork(text);
        parseSocket(text, 'tcp');
        parseArp(text);
        parseIpNeigh(text);
        parseIpLink(text);
        parseIfInet6(text);
        createFibTrieReader()(text);
      }),
    );
  });
});
