import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUuid } from '@mig/action';
import { type TestRelay, withRelay } from '@mig/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectRelay } from './connect-relay.ts';

/** Debian's tinyproxy, for one user. */
let proxy: ChildProcess;
let folder = '';
let port = 0;
const logged = () => readFileSync(join(folder, 'log'), 'utf8');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-proxy-'));
  port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { readonly port: number };
      server.close(() => resolve(free));
    });
  });
  writeFileSync(
    join(folder, 'tinyproxy.conf'),
    `Port ${port}\nListen 127.0.0.1\nTimeout 60\nLogFile "${folder}/log"\nLogLevel Connect\nMaxClients 20\nBasicAuth dana pass-word_0\n`,
  );
  proxy = spawn('tinyproxy', ['-d', '-c', join(folder, 'tinyproxy.conf')], { stdio: 'ignore' });
  while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20));
});
afterAll(async () => {
  const ended = new Promise((resolve) => proxy.once('close', resolve));
  proxy.kill('SIGKILL');
  await ended;
  rmSync(folder, { recursive: true });
});

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Connects an agent through the proxy; gives the first thing that is heard of the connection. */
async function reach({ authority, fleet }: TestRelay, url: string, through: string) {
  const agentId = createUuid();
  const tls = { ca: authority.ca, ...(await authority.issue(agentId, 'agent')) };
  const relay = connectRelay({ urls: [url], fleet, as: { role: 'agent', agentId }, tls, proxy: through });
  const heard = await new Promise<string>((resolve) =>
    relay.onConnection((state, detail) => resolve(detail === undefined ? state : `${state}: ${detail}`)),
  );
  return { relay, heard };
}

// As a URL has it: percent-encoded.
const user = 'dana:pass-word%5F0@';

describe('through an HTTP proxy', () => {
  test.each(['mqtts', 'wss'] as const)(
    'an agent reaches the relay by %s, with the user and password of the proxy',
    (scheme) =>
      withRelay(async (fleet) => {
        const url = scheme === 'mqtts' ? fleet.broker.url : fleet.broker.wsUrl!;
        const { relay, heard } = await reach(fleet, url, `http://${user}127.0.0.1:${port}`);
        expect(heard).toBe('connected');
        expect(fleet.broker.clients()).toBe(1);
        const platform = await fleet.platform();
        const told = new Promise((resolve) => {
          void platform.consume(['alert'], async ({ agentId }) => resolve(agentId));
        });
        const alert = { id: createUuid(), module: 'm', time: new Date().toISOString(), message: 'x', fields: {} };
        await relay.publish('alert', relay.agentId!, alert);
        expect(await told).toBe(relay.agentId);
        await relay.close();
        expect(logged()).toContain(`CONNECT ${new URL(url).host}`);
      }),
  );

  test.each(['mqtts', 'wss'] as const)('the refusal of the proxy is told, without its password: %s', (scheme) =>
    withRelay(async (fleet) => {
      const url = scheme === 'mqtts' ? fleet.broker.url : fleet.broker.wsUrl!;
      const { relay, heard } = await reach(fleet, url, `http://dana:wrong@127.0.0.1:${port}`);
      await relay.close();
      expect(heard).toMatch(
        /^disconnected: relay \S+ through http:\/\/dana@127\.0\.0\.1:\d+\/: the proxy refused the tunnel to 127\.0\.0\.1:\d+: 40[17] /,
      );
      expect(fleet.broker.clients()).toBe(0);
    }),
  );

  test('a proxy that is not there is named', () =>
    withRelay(async (fleet) => {
      const { relay, heard } = await reach(fleet, fleet.broker.url, 'http://127.0.0.1:1');
      await relay.close();
      expect(heard).toMatch(/through http:\/\/127\.0\.0\.1:1\/: connect ECONNREFUSED/);
    }));
});
