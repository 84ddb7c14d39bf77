import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUuid } from '@mig/action';
import { connectRelay, type Received } from '@mig/relay';
import { type MosquittoBroker, startMosquitto } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { withCountedRuns } from '../testing/counted-runs.ts';
import { withFleetOfOne } from '../testing/fleet-of-one.ts';

let agent: BuiltAgent;
let folder = '';
let mosquitto: MosquittoBroker | undefined;
beforeAll(async () => {
  agent = await buildAgent();
  folder = mkdtempSync(join(tmpdir(), 'mig-other-broker-'));
});
afterAll(async () => {
  await mosquitto?.stop();
  agent.remove();
  rmSync(folder, { recursive: true });
});

test('with Mosquitto between them, an agent answers, is missed when it is killed, and says what it owes when it is back', () =>
  withCountedRuns((runs) =>
    withFleetOfOne(agent, async ({ relay, agentId, configure, start, sign }) => {
      const broker = await startMosquitto(folder, relay.authority, relay.fleet);
      mosquitto = broker;
      configure(`[relay]\nurls = ["mqtts://127.0.0.1:${broker.agentPort}"]\n`);
      const own = await relay.authority.issue('platform', 'platform');
      const platform = connectRelay({
        urls: [`mqtts://127.0.0.1:${broker.platformPort}`],
        fleet: relay.fleet,
        as: { role: 'platform', name: 'test' },
        tls: { ca: relay.authority.ca, ...own },
      });
      const heard: Received[] = [];
      await platform.consume(['hello', 'presence', 'result'], async (received) => void heard.push(received));
      const said = (kind: string) => heard.flatMap((one) => (one.kind === kind ? [one.message] : []));
      const presences = () => heard.flatMap((one) => (one.kind === 'presence' ? [one.message.online] : []));
      await expect.poll(() => platform.isConnected).toBe(true);

      const first = start();
      await expect.poll(() => said('hello').length).toBe(1);
      const { id: actionid, envelope } = await sign([runs.operation(0.01)]);
      const commandid = createUuid();
      const senttime = new Date().toISOString();
      await platform.publish('command', agentId, { commandid, actionid, envelope, senttime });
      await expect.poll(() => said('result')).toMatchObject([{ commandid, results: [{}] }]);
      expect(presences()).toEqual([true]);

      first.child.kill('SIGKILL');
      await expect.poll(presences).toEqual([true, false]);
      start();
      await expect.poll(() => said('hello').at(-1)).toMatchObject({ held: [commandid] });
      await expect.poll(() => said('result')).toMatchObject([{ commandid }, { commandid }]);
      expect(runs.count).toBe(1);
      await platform.close();
    }),
  ));
