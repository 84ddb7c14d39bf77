import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunContext } from '@mig/module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { netstat, type Parameters } from './netstat.ts';
import { searchNetwork } from './search-network.ts';

const socketHeader =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const socketLine = (local: string, remote: string, state: string, inode: number) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0\n`;

let proc = '';
let warnings: string[] = [];
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'mig-netstat-'));
  warnings = [];
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) write(`self/net/${table}`, socketHeader);
  write('self/net/arp', 'IP address       HW type     Flags       HW address            Mask     Device\n');
  write('self/net/if_inet6', '');
  write('self/net/fib_trie', '');
  link('self/ns/net', 'net:[1]');
});
afterEach(() => rmSync(proc, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(proc, path)), { recursive: true });
  writeFileSync(join(proc, path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(proc, path)), { recursive: true });
  symlinkSync(target, join(proc, path));
}

/** Searches the recorded tree; `ip` is a program that is not installed. */
function search(parameters: object) {
  const context: RunContext<Parameters> = {
    parameters: netstat.parameters.parse(parameters),
    platform: 'linux',
    signal: new AbortController().signal,
    warn: (message) => void warnings.push(message),
    breathe: () => undefined,
    startThread: () => undefined,
  };
  const askIp = () => Promise.reject(new Error('the program ip of iproute2 is not installed'));
  return searchNetwork(context, { proc, sys: join(proc, 'sys'), askIp });
}

describe('netstat over recorded tables of a little-endian machine', () => {
  test('gives a socket to the first of the processes that hold it', async () => {
    write('self/net/tcp', socketHeader + socketLine('00000000:115C', '00000000:0000', '0A', 77));
    for (const pid of [30, 9, 200]) {
      link(`${pid}/fd/3`, 'socket:[77]');
      link(`${pid}/exe`, `/bin/server${pid} (deleted)`);
    }
    const { elements } = await search({ listeningport: [4444] });
    expect(elements).toEqual({
      listeningport: { 4444: [{ localaddr: '0.0.0.0', localport: 4444, pid: 9, process: '/bin/server9' }] },
    });
    expect(warnings).toEqual([]);
  });

  test('finds a connection that no process holds any more, without an owner', async () => {
    write('self/net/tcp', socketHeader + socketLine('0100007F:9C40', '050200C0:01BB', '06', 0));
    const { elements } = await search({ connectedip: ['192.0.2.5'] });
    expect(elements.connectedip!['192.0.2.5']).toEqual([
      { localaddr: '127.0.0.1', localport: 40_000, remoteaddr: '192.0.2.5', remoteport: 443 },
    ]);
  });

  test('counts an IPv4 peer of an IPv6 socket as IPv4, and a listener as no connection', async () => {
    const mapped = '0000000000000000FFFF0000050200C0:01BB';
    const any = '00000000000000000000000000000000:0000';
    write(
      'self/net/tcp6',
      socketHeader +
        socketLine('0000000000000000FFFF00000100007F:9C40', mapped, '01', 5) +
        socketLine(any, any, '0A', 6),
    );
    const { elements } = await search({ connectedip: ['192.0.2.0/24', '0.0.0.0/0', '2001:db8::/32'] });
    const connection = { localaddr: '127.0.0.1', localport: 40_000, remoteaddr: '192.0.2.5', remoteport: 443 };
    expect(elements.connectedip).toEqual({
      '192.0.2.0/24': [connection],
      '0.0.0.0/0': [connection],
      '2001:db8::/32': [],
    });
  });

  test('leaves out neighbours that did not answer, and says that those of IPv6 cannot be told without ip', async () => {
    write(
      'self/net/arp',
      'IP address       HW type     Flags       HW address            Mask     Device\n' +
        '192.0.2.1        0x1         0x2         02:AA:00:00:00:01     *        eth0\n' +
        '192.0.2.2        0x1         0x0         02:aa:00:00:00:02     *        eth0\n' +
        '192.0.2.3        0x1         0x6         02:aa:00:00:00:03     *        eth0\n',
    );
    write('self/net/if_inet6', `${'0'.repeat(31)}1 01 80 10 80       lo\n`);
    const { elements } = await search({ neighborip: ['192.0.2.0/24', '::/0'] });
    expect(elements.neighborip).toEqual({
      '192.0.2.0/24': [
        { remotemacaddr: '02:aa:00:00:00:01', remoteaddr: '192.0.2.1' },
        { remotemacaddr: '02:aa:00:00:00:03', remoteaddr: '192.0.2.3' },
      ],
      '::/0': [],
    });
    expect(warnings).toEqual(['IPv6 neighbours cannot be told: the program ip of iproute2 is not installed']);
  });

  test('does not ask for neighbours of IPv6 where there is no IPv6', async () => {
    await search({ neighbormac: ['.'] });
    expect(warnings).toEqual([]);
  });

  test('says which table cannot be read, and that lines were not understood', async () => {
    rmSync(join(proc, 'self/net/udp'));
    rmSync(join(proc, 'self/net/udp6'));
    write(
      'self/net/tcp',
      `${socketHeader}nonsense\n${socketLine('00000000:0050', '00000000:0000', '0A', 1)}   1: half`,
    );
    const { elements } = await search({ listeningport: [80] });
    expect(elements.listeningport![80]).toHaveLength(1);
    expect(warnings).toEqual([
      `${proc}/self/net/tcp: 2 lines were passed over, they are not as proc(5) says`,
      expect.stringMatching(/^the table udp cannot be told: ENOENT/),
    ]);
  });

  test('takes the MAC addresses of its own interfaces, whatever namespace sysfs shows', async () => {
    write('self/net/dev', 'Inter-|   Receive\n face |bytes    packets\n    lo: 0 0\n  eth0: 1 1\n sit0: 0 0\n');
    for (const [name, mac] of Object.entries({
      lo: '00:00:00:00:00:00',
      eth0: '02:aa:00:00:00:01',
      sit0: '0.0.0.0',
      host0: '02:aa:00:00:00:02',
    }))
      write(`sys/class/net/${name}/address`, `${mac}\n`);
    const { elements } = await search({ localmac: ['^02:AA:', '^03:'] });
    expect(elements.localmac).toEqual({ '^02:AA:': [{ localmacaddr: '02:aa:00:00:00:01' }], '^03:': [] });
  });

  test('passes over a process that ended, and takes the next one of its namespace', async () => {
    for (const pid of [10, 11]) link(`${pid}/ns/net`, 'net:[2]');
    write('11/net/tcp', socketHeader + socketLine('00000000:0050', '00000000:0000', '0A', 1));
    const { elements } = await search({ listeningport: [80], namespaces: true });
    expect(elements.listeningport![80]).toEqual([{ localaddr: '0.0.0.0', localport: 80, namespace: 'net:[2]' }]);
    expect(warnings).toEqual([]);
  });

  test('goes through 50,000 sockets and a list of 2,000 networks', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => {
      const address = `${(i & 255).toString(16).padStart(2, '0')}${(i >> 8).toString(16).padStart(2, '0')}330A`;
      return socketLine('0100007F:9C40', `${address.toUpperCase()}:01BB`, '01', 0);
    });
    write('self/net/tcp', socketHeader + lines.join(''));
    const others = Array.from({ length: 2_000 }, (_, i) => `172.${16 + (i >> 8)}.${i & 255}.0/24`);
    const { elements, statistics } = await search({ connectedip: [...others, '10.51.7.250'] });
    const remote = Object.values(elements.connectedip!).flat();
    expect(remote.map(({ remoteaddr }) => remoteaddr)).toEqual(['10.51.7.250']);
    expect(statistics.examined).toBe(50_000);
  });
});
