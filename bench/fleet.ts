/**
 * `npm run bench -- fleet`: the built mig-server with the embedded database and broker, and a fleet of connections that
 * answer as agents do: how long until all are connected, until each has its command, until all answers are in.
 * FLEET_AGENTS says how many they are; 10,000 need some minutes, most of it for their TLS handshakes.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAction, createEnvelope, createKey, encodeAction, signEnvelope } from '@mig/action';
import { countTarget, createClient, createInvestigator, followAction, createAction as launchAction } from '@mig/api';
import { copyServerData, startProcess } from '@mig/testing';
import { createSecureFetch } from '../packages/client/src/platform/secure-fetch.ts';
import { addManyAgents } from '../packages/server/src/api/testing/sample-fleet.ts';
import { openDatabase } from '../packages/server/src/database/open-database.ts';
import { processorMs, residentMb } from './process-costs.ts';
import { rounds } from './rounds.ts';

const count = Number(process.env['FLEET_AGENTS'] ?? 10_000);
const questions = rounds(3);
const passphrase = 'correct horse';

/** What the process of the agents tells. */
export type FleetWord = { readonly word: 'ready' | 'connected' | 'asked' };

export async function benchFleet(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-fleet-'));
  const datadir = join(folder, 'server');
  await copyServerData(datadir);
  const ids = await enrolAll(datadir);
  const server = startProcess('mig-server', ['--data-dir', datadir, '--owned'], {
    MIG_FLEET: 'lab',
    MIG_API_HOST: '127.0.0.1',
    MIG_API_PORT: '0',
    MIG_RELAY_HOST: '127.0.0.1',
    MIG_RELAY_PORT: '0',
    MIG_RELAY_WSPORT: '0',
    MIG_LOG_LEVEL: 'error',
  });
  await server.said(/"ready":true.*\n/);
  const { relay, adminsocket } = JSON.parse(server.stdout()) as { relay: string[]; adminsocket: string };
  const table: [string, string][] = [['server, nobody connected', `${residentMb(server.pid)} MB`]];

  const agents = fork(join(import.meta.dirname, 'fleet-agents.ts'), [datadir, relay[0]!]);
  const heard = (wanted: FleetWord['word']) =>
    new Promise<void>((resolve, reject) => {
      agents.once('exit', (status) => reject(new Error(`the agents ended: ${status}`)));
      const hear = ({ word }: FleetWord) => {
        if (word !== wanted) return;
        agents.off('message', hear);
        resolve();
      };
      agents.on('message', hear);
    });
  const { fetch, close } = await createSecureFetch({ socket: adminsocket });
  const client = createClient({ url: 'http://localhost', fetch });
  try {
    agents.send(ids);
    await heard('ready');
    const cpuMs = processorMs(server.pid);
    let start = performance.now();
    agents.send('go');
    await heard('connected');
    const seconds = (performance.now() - start) / 1000;
    table.push([`${count} connect, TLS and certificates`, `${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s`]);
    // What a question to an agent needs: that its hello is stored.
    while ((await client.call(countTarget, { body: { target: 'online' } })).online < count) await sleep(50);
    const stored = (performance.now() - start) / 1000;
    table.push(['  all hellos stored', `${stored.toFixed(1)} s, ${Math.round(count / stored)}/s`]);
    const each = (processorMs(server.pid) - cpuMs) / count;
    table.push(['  processor time of the server, each', `${each.toFixed(1)} ms`]);
    table.push(['server, all connected', `${residentMb(server.pid)} MB`]);

    const key = await createKey({ name: 'Dana', passphrase, now: new Date(Date.now() - 60_000) });
    await client.call(createInvestigator, {
      body: { name: 'Dana', publickey: key.publicKey, permissions: ['read', 'launch'] },
    });
    for (let round = 1; round <= questions; round++) {
      const operations = [{ module: 'example', parameters: { gethostname: true } }];
      const action = createAction({ fleet: 'lab', name: `round ${round}`, target: 'true', operations });
      const unsigned = createEnvelope(encodeAction(action));
      const body = await signEnvelope(unsigned, { privateKey: key.privateKey, passphrase });
      const asked = heard('asked');
      const before = processorMs(server.pid);
      start = performance.now();
      const { counters } = await client.call(launchAction, { body });
      const launched = performance.now() - start;
      await asked;
      const delivered = performance.now() - start;
      for await (const { event } of client.follow(followAction, { params: { id: action.id } })) {
        if (event === 'end') break;
      }
      const times = [launched, delivered, performance.now() - start].map((ms) => `${(ms / 1000).toFixed(2)} s`);
      table.push([`round ${round}: ${counters.targeted} targeted, launched`, times[0]!]);
      table.push(['  the last agent has its command', times[1]!]);
      table.push(['  all results stored, and seen by who follows', times[2]!]);
      table.push(['  processor time of the server', `${((processorMs(server.pid) - before) / 1000).toFixed(2)} s`]);
    }
    table.push(['server, after the rounds', `${residentMb(server.pid)} MB`]);
  } finally {
    agents.removeAllListeners('exit');
    agents.kill();
    if (agents.exitCode === null && agents.signalCode === null) await once(agents, 'exit');
    await close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`\n${count} agents, embedded database and broker, agents on the same machine\n\n`);
  for (const [what, figure] of table) process.stdout.write(`${what.padEnd(50)}${figure.padStart(16)}\n`);
}

/** Adds the agents to the server's database, while no server has it. */
async function enrolAll(datadir: string): Promise<string[]> {
  const database = await openDatabase({ url: join(datadir, 'database') });
  await addManyAgents(database.db, 'agent', count);
  const rows = await database.db.selectFrom('agents').select('id').execute();
  await database.close();
  return rows.map(({ id }) => id);
}
