import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Environment } from '@mig/action';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findCloudInstance } from './cloud.ts';
import { readEnvironment } from './environment.ts';
import { PublicAddress } from './public-address.ts';

let root = '';
beforeEach(() => {
  root = `${mkdtempSync(join(tmpdir(), 'mig-root-'))}/`;
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const bare = { modules: ['file'], proxy: '', publicIp: () => '' };

test('what an endpoint says of itself is what the system says: uname, ip, os-release, process 1', () => {
  const environment = readEnvironment(bare);
  const run = (program: string, ...words: string[]) => execFileSync(program, words, { encoding: 'utf8' }).trim();
  const addresses = (
    JSON.parse(run('ip', '-j', 'addr')) as { ifname: string; addr_info: { local: string; prefixlen: number }[] }[]
  )
    .filter(({ ifname }) => ifname !== 'lo')
    .flatMap(({ addr_info }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`));
  expect(environment).toEqual({
    init: run('cat', '/proc/1/comm'),
    ident: run('sh', '-c', '. /etc/os-release; echo "$PRETTY_NAME"'),
    os: run('uname', '-s').toLowerCase(),
    arch: run('dpkg', '--print-architecture'),
    isproxied: false,
    addresses: addresses.sort(),
    modules: ['file'],
  });
  expect(Environment.parse(environment)).toEqual(environment);
});

test('a proxy is told without its password, quoted names are unquoted, and what is not there is unknown', () => {
  put('usr/lib/os-release', 'ID=x\nPRETTY_NAME=\'Endpoint \\"7\\"\'\n');
  const proxied = { ...bare, root, proxy: 'http://dana:secret@proxy.example.net:3128', publicIp: () => '192.0.2.7' };
  expect(readEnvironment(proxied)).toMatchObject({
    init: 'unknown',
    ident: 'Endpoint "7"',
    isproxied: true,
    proxy: 'http://proxy.example.net:3128',
    publicip: '192.0.2.7',
  });
});

describe('the cloud instance is told', () => {
  test('by cloud-init', () => {
    const v1 = { cloud_name: 'AWS', instance_id: 'i-1', region: 'eu-central-1' };
    const ds = { meta_data: { 'instance-type': 'm5.large', 'ami-id': 'ami-1', 'local-ipv4': '10.0.0.7' } };
    put('run/cloud-init/instance-data.json', JSON.stringify({ v1, ds }));
    expect(findCloudInstance(root)).toEqual({
      provider: 'aws',
      instanceid: 'i-1',
      instancetype: 'm5.large',
      imageid: 'ami-1',
      region: 'eu-central-1',
      localipv4: '10.0.0.7',
    });
  });

  test.each([
    [
      { sys_vendor: 'Amazon EC2', board_asset_tag: 'i-2', product_name: 't3.micro' },
      { provider: 'aws', instanceid: 'i-2', instancetype: 't3.micro' },
    ],
    [
      { sys_vendor: 'Hetzner', product_serial: '77' },
      { provider: 'hetzner', instanceid: '77' },
    ],
    [
      {
        sys_vendor: 'Microsoft Corporation',
        chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77',
        product_uuid: 'ABC',
      },
      { provider: 'azure', instanceid: 'abc' },
    ],
    [{ sys_vendor: 'Microsoft Corporation', chassis_asset_tag: 'desk', product_uuid: 'ABC' }, undefined],
    [{ sys_vendor: 'LENOVO', product_serial: '1' }, undefined],
    [{ sys_vendor: 'Google' }, undefined],
  ])('by the firmware: %j', (files, instance) => {
    for (const [name, content] of Object.entries(files)) put(`sys/class/dmi/id/${name}`, `${content}\n`);
    expect(findCloudInstance(root)).toEqual(instance);
  });

  test('not where cloud-init says that it is none, or its file is damaged', () => {
    put('run/cloud-init/instance-data.json', JSON.stringify({ v1: { cloud_name: 'nocloud', instance_id: 'x' } }));
    expect(findCloudInstance(root)).toBe(undefined);
    put('run/cloud-init/instance-data.json', '{');
    expect(findCloudInstance(root)).toBe(undefined);
  });
});

test('the public address is what the chosen service answers, and stays when it answers with something else', async () => {
  let answer = '198.51.100.4\n';
  const server = createServer((_request, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/ip`;
  const problems: string[] = [];
  const address = new PublicAddress('', { url, proxy: '' }, ({ message }) => problems.push(message));
  expect([await address.look(), address.current]).toEqual([true, '198.51.100.4']);
  expect([await address.look(), address.current]).toEqual([false, '198.51.100.4']);
  for (const wrong of ['<html>', 'x'.repeat(100_000), '']) {
    answer = wrong;
    expect([await address.look(), address.current]).toEqual([false, '198.51.100.4']);
  }
  expect(problems).toEqual([
    `${url}: expected an address, got status 200 and '<html>'`,
    `${url}: expected an address, got a longer text`,
    `${url}: expected an address, got status 200 and ''`,
  ]);
  server.close();
  server.closeAllConnections();
});
