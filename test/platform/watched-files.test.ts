/**
 * From a file to everybody who is to hear of it, with real programs alone: a file changes, fswatch sees it, dispatch
 * writes and posts it, the server stores it and `mig` lists it; with the agent killed, and both servers away, in between.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '@mig/api';
import { openPlatform, type TestAgent, type TestPlatform } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { placesIn } from '../../packages/agent/src/settings/places.ts';
import { askStatus } from '../../packages/agent/src/status/status-socket.ts';
import { isThere } from '../../packages/agent/src/testing/process-tree.ts';

let platform: TestPlatform;
let close = async () => {};
const posted: { readonly message: string }[] = [];
let isSiemAway = false;
const siem = createServer(async (request, response) => {
  if (isSiemAway) return void response.writeHead(503).end();
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  posted.push(...(JSON.parse(text) as typeof posted));
  response.writeHead(204).end();
});
const folder = mkdtempSync(join(tmpdir(), 'mig-watched-'));
const watched = join(folder, 'watched');
const sink = join(folder, 'alerts.jsonl');
beforeAll(async () => {
  mkdirSync(watched);
  await new Promise<void>((resolve) => siem.listen(0, '127.0.0.1', resolve));
  ({ platform, close } = await openPlatform());
});
afterAll(async () => {
  await close();
  siem.close();
  rmSync(folder, { recursive: true });
});

const inSink = () =>
  existsSync(sink)
    ? readFileSync(sink, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as Alert).message)
    : [];
const create = (name: string) => writeFileSync(join(watched, name), name);
const created = (name: string) =>
  `file created: ${join(watched, name)}${name === 'away' ? ', while fswatch was not running' : ''}`;

test('a file that is created, also while the agent does not run, is told to file, HTTP server and platform, once and in order, whoever is killed', async () => {
  const agent = await platform.enrol('watcher', '[spool]\nresend = "2s"\n');
  const places = placesIn(agent.configDirectory, agent.stateDirectory);
  mkdirSync(places.modules);
  writeFileSync(join(places.modules, 'fswatch.toml'), `paths = ["recursive:${watched}"]\nsettle = "50ms"\n`);
  const { port } = siem.address() as AddressInfo;
  writeFileSync(
    join(places.modules, 'dispatch.toml'),
    `[[file]]\npath = "${sink}"\n[[http]]\nurl = "http://127.0.0.1:${port}/alerts"\n`,
  );
  await agent.start();
  await modulesRun(agent);
  create('one');
  await heardEverywhere(['one']);

  await platform.server.kill();
  isSiemAway = true;
  create('two');
  await expect.poll(inSink, { timeout: 20_000 }).toEqual([created('one'), created('two')]);
  const pids = await modulesRun(agent);
  await agent.process.kill();
  await expect.poll(() => pids.filter(isThere), { timeout: 20_000 }).toEqual([]);
  create('away');
  await agent.start(false);
  await modulesRun(agent);
  create('three');
  await expect.poll(inSink, { timeout: 20_000 }).toContain(created('three'));
  isSiemAway = false;
  await platform.startServer();
  await heardEverywhere(['one', 'two', 'away', 'three']);

  // Asked on the machine itself, as its owner does.
  const asked = platform.mig(['fswatch', '-t', 'local', '-state-dir', agent.stateDirectory, '-json']);
  expect(await asked.ended).toBe(0);
  const { elements } = JSON.parse(asked.stdout()) as { readonly elements: { readonly changes: readonly unknown[] } };
  expect(elements.changes).toMatchObject([
    { change: 'created', path: join(watched, 'away'), whileaway: true },
    { change: 'created', path: join(watched, 'three') },
  ]);
  const misused = platform.mig(['example', '-t', 'local', '-state-dir', agent.stateDirectory, '-gethostname']);
  expect(await misused.ended).toBe(2);
  expect(misused.output()).toMatch(/^mig: -state-dir: expected with -t local, and a module that stays with an agent$/m);
});

/** Resolves with their processes once both modules do their work. */
async function modulesRun({ configDirectory, stateDirectory }: TestAgent): Promise<readonly number[]> {
  const { socket } = placesIn(configDirectory, stateDirectory);
  const modules = async () => (await askStatus(socket).catch(() => undefined))?.persistent ?? [];
  const states = async () => (await modules()).map(({ state }) => state);
  await expect.poll(states, { timeout: 30_000 }).toEqual(['running', 'running']);
  return (await modules()).map(({ pid }) => pid!);
}

/** Resolves once the files are known to all three, in the order in which they were created; HTTP may hear of one twice. */
async function heardEverywhere(names: readonly string[]): Promise<void> {
  const expected = names.map(created);
  const listed = async () => {
    const mig = platform.mig(['alerts', '-module', 'fswatch', '-n', 'all', '-json']);
    if ((await mig.ended) !== 0) return mig.output();
    return mig
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => (JSON.parse(line) as Alert).message)
      .reverse();
  };
  await expect.poll(inSink, { timeout: 20_000 }).toEqual(expected);
  await expect.poll(() => [...new Set(posted.map(({ message }) => message))], { timeout: 20_000 }).toEqual(expected);
  await expect.poll(listed, { timeout: 60_000, interval: 500 }).toEqual(expected);
}
