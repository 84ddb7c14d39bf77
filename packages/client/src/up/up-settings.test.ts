import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePorts } from './free-ports.ts';
import { isReachable, loadUpSettings, localAddress } from './up-settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-up-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nothing = { listen: undefined, names: [] };

test('keeps what it was told, and its ports, until it is told something else', async () => {
  const file = join(folder, 'up.toml');
  const first = await loadUpSettings(file, nothing);
  expect(first).toMatchObject({ fleet: 'mig', listen: '127.0.0.1', names: [] });
  const told = await loadUpSettings(file, { listen: '0.0.0.0', names: ['mig.example.net'] });
  expect(told).toEqual({ ...first, listen: '0.0.0.0', names: ['mig.example.net'] });
  const before = readFileSync(file, 'utf8');
  expect(await loadUpSettings(file, nothing)).toEqual(told);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('takes another port where somebody listens already, and refuses an address that is not of this machine', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const [chosen, free] = await freePorts('127.0.0.1', [port, 0]);
  await new Promise((resolve) => other.close(resolve));
  expect([chosen, free].every((one) => one! > 0)).toBe(true);
  expect(chosen).not.toBe(port);
  expect(await freePorts('127.0.0.1', [port])).toEqual([port]);
  await expect(freePorts('192.0.2.1', [0])).rejects.toThrow(/^192\.0\.2\.1: expected an address of this machine/);
});

test.each([
  ['0.0.0.0', '127.0.0.1', true],
  ['::', '[::1]', true],
  ['127.0.0.1', '127.0.0.1', false],
  ['::1', '[::1]', false],
  ['192.0.2.7', '192.0.2.7', true],
  ['fd00::7', '[fd00::7]', true],
])('what listens on %s is reached from here as %s, from elsewhere: %s', (listen, address, reachable) => {
  expect([localAddress(listen), isReachable(listen)]).toEqual([address, reachable]);
});
