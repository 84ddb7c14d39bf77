/** Alerts end to end, with real programs: raised by a module that stays, stored by the server, listed and followed by `mig`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '@mig/api';
import { runModule } from '@mig/module/host';
import { openPlatform, type TestPlatform } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { placesIn } from '../../packages/agent/src/settings/places.ts';
import { askStatus } from '../../packages/agent/src/status/status-socket.ts';
import { type BuiltAgent, buildAgent } from '../../packages/agent/src/testing/built-agent.ts';
import { startAgent } from '../../packages/agent/src/testing/fleet-of-one.ts';
import { available } from '../../packages/agent/src/testing/staying-modules.ts';

let agent: BuiltAgent;
let platform: TestPlatform;
let close = async () => {};
beforeAll(async () => {
  const modules = join(import.meta.dirname, '../../packages/agent/src/testing/staying-modules.ts');
  agent = await buildAgent(modules);
  ({ platform, close } = await openPlatform());
});
afterAll(async () => {
  await close();
  agent.remove();
});

const alertsIn = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Alert);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `alert ${i}`);

test('reach whoever follows, once and in order, though the server is killed while they come', async () => {
  const { configDirectory, stateDirectory } = await platform.enrol('watcher', '[spool]\nresend = "2s"\n');
  const places = placesIn(configDirectory, stateDirectory);
  mkdirSync(places.modules);
  writeFileSync(join(places.modules, 'first.toml'), '');
  const running = startAgent(agent, ['--config-dir', configDirectory, '--state-dir', stateDirectory]);
  try {
    const raise = (count: number, from: number) =>
      runModule(available.get('first'), { does: 'raise', count, from }, { persistsock: places.socketOf('first') });
    await expect
      .poll(async () => (await askStatus(places.socket).catch(() => undefined))?.persistent[0]?.state)
      .toBe('running');
    const following = platform.mig(['alerts', '-f', '-json', '-t', "name = 'watcher'"]);
    await expect
      .poll(async () => {
        // Until the stream stands: it begins with what comes from then on.
        await runModule(available.get('first'), { does: 'raise' }, { persistsock: places.socketOf('first') });
        return alertsIn(following.stdout()).length;
      })
      .toBeGreaterThan(0);
    await expect.poll(async () => (await askStatus(places.socket)).alerts).toMatchObject([{ waiting: 0 }]);
    const before = alertsIn((await finished(['alerts', '-n', 'all', '-json'])).stdout).length;

    await raise(300, 0);
    await expect.poll(() => alertsIn(following.stdout()).length).toBeGreaterThan(10);
    await platform.server.kill();
    await raise(200, 300);
    await platform.startServer();
    await expect
      .poll(async () => (await askStatus(places.socket)).alerts, { timeout: 60_000 })
      .toMatchObject([{ module: 'first', waiting: 0, dropped: 0 }]);

    const listed = alertsIn((await finished(['alerts', '-module', 'first', '-n', 'all', '-json'])).stdout).reverse();
    expect(listed.slice(before).map(({ message }) => message)).toEqual(numbered(500));
    expect(new Set(listed.map(({ id }) => id)).size).toBe(before + 500);
    await expect.poll(() => alertsIn(following.stdout()).at(-1)?.message, { timeout: 60_000 }).toBe('alert 499');
    const followed = alertsIn(following.stdout());
    expect(followed.slice(-500).map(({ id }) => id)).toEqual(listed.slice(-500).map(({ id }) => id));
    expect(new Set(followed.map(({ id }) => id)).size).toBe(followed.length);

    const target = `environment->'persistent' @> '[{"name":"first","state":"running"}]'`;
    const { stdout } = await finished(['agents', '-t', target]);
    expect(stdout).toMatch(/^watcher .* first$/m);
    expect((await finished(['agents', '-t', target.replace('running', 'failed')])).stdout).toBe('');
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
  }
});

async function finished(words: readonly string[]): Promise<{ readonly stdout: string }> {
  const mig = platform.mig(words);
  const status = await mig.ended;
  if (status !== 0) throw new Error(mig.output());
  return { stdout: mig.stdout() };
}
