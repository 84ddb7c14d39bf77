import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { RunContext } from '@mig/module';
import { run } from '@mig/module/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatAddress } from './address.ts';
import { parseArpTable, parseNdpTable, parsePs, socketsByLsof } from './mac-programs.ts';
import { netstat, type Parameters } from './netstat.ts';
import type { OtherTables } from './other-tables.ts';
import { parseNeighbors, parseSockets } from './power-shell.ts';
import type { Neighbor } from './proc-net.ts';
import { searchElsewhere } from './search-elsewhere.ts';

const shown = (neighbors: readonly Neighbor[]) => neighbors.map(({ address, mac }) => [formatAddress(address), mac]);

/** Searches as on `platform`, with these tables; gives what was found, and the warnings. */
async function search(parameters: Partial<Parameters>, tables: OtherTables, platform: 'darwin' | 'win32' = 'darwin') {
  const warnings: string[] = [];
  const context = {
    parameters: netstat.parameters.parse(parameters),
    platform,
    signal: new AbortController().signal,
    warn: (text: string) => void warnings.push(text),
    breathe: () => undefined,
  } as unknown as RunContext<Parameters>;
  const { elements } = await searchElsewhere(context, tables);
  return { elements, warnings };
}

const missing = (what: string) => async () => {
  throw new Error(`${what} is missing`);
};
const nothing: OtherTables = { sockets: missing('lsof'), neighbors: missing('arp') };

describe('lsof, as on macOS', () => {
  const udp = createSocket('udp4');
  let server: Server;
  let client: Socket;
  beforeAll(async () => {
    server = createServer();
    server.listen(0, '::');
    udp.bind(0, '127.0.0.1');
    await Promise.all([once(server, 'listening'), once(udp, 'listening')]);
    client = connect({ port: portOf(server), host: '127.0.0.1' });
    await Promise.all([once(client, 'connect'), once(server, 'connection')]);
  });
  afterAll(() => {
    client.destroy();
    server.close();
    udp.close();
  });
  const portOf = (one: Server) => (one.address() as { port: number }).port;

  test('tells the sockets of a process that ss tells', async () => {
    const own = (await socketsByLsof(new AbortController().signal)).filter(({ pid }) => pid === process.pid);
    const end = (address: readonly number[], port: number) => `${formatAddress(address)}:${port || '*'}`;
    const told = own.map(
      ({ local, localPort, remote, remotePort }) => `${end(local, localPort)} ${end(remote, remotePort)}`,
    );
    const lines = execFileSync('ss', ['-Hantup'], { encoding: 'utf8' }).split('\n');
    const truth = lines.flatMap((line) => {
      if (!line.includes(`pid=${process.pid},`)) return [];
      const [here, there] = line
        .trim()
        .split(/\s+/)
        .slice(4, 6)
        .map((text) => text.replace(/[[\]]|::ffff:/g, ''));
      return [`${here!.replace(/^\*/, '::')} ${there!.replace(/^\*/, '::')}`];
    });
    expect(told.sort()).toEqual(truth.sort());
    expect(
      own
        .filter(({ isListening }) => isListening)
        .map(({ localPort }) => localPort)
        .sort(),
    ).toEqual([portOf(server), udp.address().port].sort());
  });

  test('answers for listening ports and connections, with the process', async () => {
    const { elements, warnings } = await search(
      { listeningport: [portOf(server)], connectedip: ['127.0.0.1'], neighborip: ['192.0.2.1'] },
      { ...nothing, sockets: socketsByLsof },
    );
    expect(elements.listeningport).toEqual({
      [portOf(server)]: [{ localaddr: '::', localport: portOf(server), pid: process.pid }],
    });
    expect(elements.connectedip!['127.0.0.1']).toContainEqual({
      localaddr: '127.0.0.1',
      localport: client.localPort,
      remoteaddr: '127.0.0.1',
      remoteport: portOf(server),
      pid: process.pid,
    });
    expect(warnings).toEqual(['neighbours cannot be told: arp is missing']);
  });
});

test('ps gives paths with blanks, and no names', () => {
  expect([
    ...parsePs('    1 /sbin/launchd\n  412 /Applications/Some App.app/Contents/MacOS/Some App\n 77 (zombie)\n'),
  ]).toEqual([
    [1, '/sbin/launchd'],
    [412, '/Applications/Some App.app/Contents/MacOS/Some App'],
  ]);
});

test('arp and ndp give neighbours that answered, and leave out zeros', () => {
  const arp = `? (192.0.2.1) at 0:1b:21:a:bb:cc on en0 ifscope [ethernet]
? (192.0.2.9) at (incomplete) on en0 ifscope [ethernet]
? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]
`;
  expect(shown(parseArpTable(arp))).toEqual([
    ['192.0.2.1', '00:1b:21:0a:bb:cc'],
    ['224.0.0.251', '01:00:5e:00:00:fb'],
  ]);
  const ndp = `Neighbor                                Linklayer Address  Netif Expire    St Flgs Prbs
fe80::1%lo0                             (incomplete)         lo0 permanent R
fe80::1c2b:3dff:fe4e:5f60%en0           1e:2b:3d:4e:5f:60    en0 23h59m58s S  R
2001:db8::7                             0:1b:21:a:bb:cc      en0 28s       R
`;
  expect(shown(parseNdpTable(ndp))).toEqual([
    ['fe80::1c2b:3dff:fe4e:5f60', '1e:2b:3d:4e:5f:60'],
    ['2001:db8::7', '00:1b:21:0a:bb:cc'],
  ]);
});

describe('PowerShell, as on Windows', () => {
  const sockets = JSON.stringify({
    tcp: [
      { LocalAddress: '::', LocalPort: 445, RemoteAddress: '::', RemotePort: 0, OwningProcess: 4, State: 2 },
      {
        LocalAddress: '192.0.2.5',
        LocalPort: 50112,
        RemoteAddress: '198.51.100.7',
        RemotePort: 443,
        OwningProcess: 812,
        State: 5,
      },
      {
        LocalAddress: 'fe80::1%12',
        LocalPort: 50113,
        RemoteAddress: 'fe80::2%12',
        RemotePort: 445,
        OwningProcess: 4,
        State: 5,
      },
    ],
    udp: [{ LocalAddress: '0.0.0.0', LocalPort: 123, OwningProcess: 1044 }],
    processes: [{ Id: 812, Path: 'C:\\Program Files\\A\\a.exe' }],
  });
  const neighbors = JSON.stringify({
    neighbors: [
      { IPAddress: '192.0.2.1', LinkLayerAddress: '00-1B-21-AA-BB-CC', State: 5 },
      { IPAddress: '192.0.2.8', LinkLayerAddress: '00-00-00-00-00-00', State: 0 },
      { IPAddress: '192.0.2.9', LinkLayerAddress: '00-1B-21-AA-BB-DD', State: 0 },
      { IPAddress: 'ff02::1', LinkLayerAddress: null, State: 6 },
    ],
  });
  const tables: OtherTables = {
    sockets: async () => parseSockets(sockets),
    neighbors: async () => parseNeighbors(neighbors),
  };

  test('answers for ports, connections and neighbours', async () => {
    const asked = { listeningport: [445, 123], connectedip: ['198.51.100.0/24', 'fe80::/10'], neighbormac: ['^00:1b'] };
    expect(await search(asked, tables, 'win32')).toEqual({
      elements: {
        neighbormac: { '^00:1b': [{ remotemacaddr: '00:1b:21:aa:bb:cc', remoteaddr: '192.0.2.1' }] },
        connectedip: {
          '198.51.100.0/24': [
            {
              localaddr: '192.0.2.5',
              localport: 50112,
              remoteaddr: '198.51.100.7',
              remoteport: 443,
              pid: 812,
              process: 'C:\\Program Files\\A\\a.exe',
            },
          ],
          'fe80::/10': [{ localaddr: 'fe80::1', localport: 50113, remoteaddr: 'fe80::2', remoteport: 445, pid: 4 }],
        },
        listeningport: {
          '445': [{ localaddr: '::', localport: 445, pid: 4 }],
          '123': [{ localaddr: '0.0.0.0', localport: 123, pid: 1044 }],
        },
      },
      warnings: [],
    });
  });
});

test('what cannot be told is a warning while something can, and else the failure', async () => {
  const { elements, warnings } = await search(
    { localip: ['127.0.0.0/8'], listeningport: [22], namespaces: true },
    nothing,
  );
  expect(elements.localip).toEqual({ '127.0.0.0/8': [{ localaddr: '127.0.0.1' }] });
  expect(warnings).toEqual([
    "namespaces are Linux's: there are none on darwin",
    'sockets cannot be told: lsof is missing',
  ]);
  const result = await run(netstat, { connectedip: ['::/0'] }, { platform: 'win32' });
  expect(result.errors).toEqual([expect.stringMatching(/^sockets cannot be told: C:\\Windows\\.*powershell\.exe/)]);
});
