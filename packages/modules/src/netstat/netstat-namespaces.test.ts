import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { run } from '@mig/module/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Elements, netstat } from './netstat.ts';

/** A pair of interfaces with addresses and neighbours of both families. */
const script = `
ip link set lo up
ip link add name mig0 type veth peer name mig1
ip link set mig0 address 02:77:00:00:00:01 up
ip link set mig1 up
ip address add 10.77.0.1/24 dev mig0
ip address add fd77::1/64 dev mig0 nodad
ip neighbour add 10.77.0.9 lladdr 02:77:00:00:00:09 dev mig0
ip neighbour add fd77::9 lladdr 02:77:00:00:00:0a dev mig0
echo up
exec sleep 60
`;

let child: ChildProcess;
let namespace = '';
beforeAll(async () => {
  child = spawn('unshare', ['--net', 'sh', '-ec', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout!.once('data', resolve);
    child.once('exit', () =>
      reject(new Error('making a network namespace with a veth pair failed, see above: it needs root')),
    );
  });
  namespace = readlinkSync(`/proc/${child.pid}/ns/net`);
});
afterAll(() => child.kill('SIGKILL'));

const inNamespace = (words: readonly string[]) =>
  execFileSync('nsenter', [`--net=/proc/${child.pid}/ns/net`, 'ip', '-json', ...words], { encoding: 'utf8' });

async function found(parameters: object): Promise<Elements> {
  const { elements, errors } = await run(netstat, { ...parameters, namespaces: true });
  expect((errors ?? []).filter((error) => error.includes(namespace))).toEqual([]);
  return elements as Elements;
}

test('tells the addresses and MAC addresses of another namespace as ip does', async () => {
  const links = JSON.parse(inNamespace(['address'])) as { address: string; addr_info: { local: string }[] }[];
  const macs = links.map(({ address }) => address).filter((mac) => !/^[0:]+$/.test(mac));
  const addresses = links.flatMap(({ addr_info }) => addr_info.map(({ local }) => local));
  const { localmac, localip } = await found({ localmac: ['.'], localip: ['0.0.0.0/0', '::/0'] });
  const here = Object.values(localip!)
    .flat()
    .filter((one) => one.namespace === namespace);
  expect(here.map(({ localaddr }) => localaddr).sort()).toEqual(addresses.sort());
  expect(addresses).toContain('fd77::1');
  expect(localmac!['.']!.filter((one) => one.namespace === namespace)).toEqual(
    macs.sort().map((localmacaddr) => ({ localmacaddr, namespace })),
  );
});

test('tells the neighbours of another namespace as ip does', async () => {
  const expected = (JSON.parse(inNamespace(['neighbour'])) as { dst: string; lladdr?: string }[]).flatMap(
    ({ dst, lladdr }) => (lladdr === undefined ? [] : [{ remotemacaddr: lladdr, remoteaddr: dst, namespace }]),
  );
  expect(expected).toHaveLength(2);
  const { neighbormac, neighborip } = await found({
    neighbormac: ['^02:77:'],
    neighborip: ['10.77.0.0/24', 'fd77::9'],
  });
  expect(neighbormac!['^02:77:']).toEqual(expected.sort((a, b) => (a.remotemacaddr < b.remotemacaddr ? -1 : 1)));
  expect(Object.values(neighborip!).flat()).toEqual(expected);
});
