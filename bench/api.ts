/**
 * The API with a large fleet: how long a launch takes, how fast answers are listed, exported and streamed, and what
 * memory that needs. On the embedded database and on a PostgreSQL server of its own.
 *
 * `npm run bench -- api`
 */
import { createAction, followAction, listCommands, type StreamEvent } from '@mig/api';
import { startPostgres } from '@mig/testing';
import { readStream } from '../packages/server/src/api/testing/read-stream.ts';
import {
  addManyAgents,
  answerCommands,
  sampleAction,
  signed,
} from '../packages/server/src/api/testing/sample-fleet.ts';
import { startTestApi } from '../packages/server/src/api/testing/test-api.ts';
import { median, rounds } from './rounds.ts';

const agents = 10_000;

await measure('embedded', undefined);
const postgres = await startPostgres();
await measure('PostgreSQL', postgres.url);
await postgres.close();

async function measure(name: string, url: string | undefined): Promise<void> {
  const api = await startTestApi(url === undefined ? {} : { url });
  const { db } = api.database;
  const dana = await api.add('Dana', ['read', 'launch']);
  const client = await api.login(dana);
  await addManyAgents(db, 'agent', agents);
  const told = (what: string, { ms, busyMs }: Pick<Timed<unknown>, 'ms' | 'busyMs'>) =>
    process.stdout.write(
      `${name}: ${what}: ${ms.toFixed(0)} ms, processor ${busyMs.toFixed(0)} ms, resident ${megabytes()} MB\n`,
    );
  const launch = async () => client.call(createAction, { body: await signed(sampleAction(), dana) });

  await launch();
  const launches: Timed<unknown>[] = [];
  for (let i = rounds(5); i > 0; i--) launches.push(await timed(launch));
  told(`launch for ${agents} agents, median of ${launches.length}`, {
    ms: median(launches.map(({ ms }) => ms)),
    busyMs: median(launches.map(({ busyMs }) => busyMs)),
  });

  const { value: action } = await timed(launch);
  const { id } = action;
  const first = await timed(async () => {
    const events: AsyncIterable<StreamEvent> = client.follow(followAction, { params: { id } });
    for await (const _ of events) return;
  });
  told('first event of a stream', first);
  const text = 'x'.repeat(500);
  const live = await timed(async () => {
    const answering = answerCommands(db, id, { text });
    const streams = Array.from({ length: 3 }, async () => {
      let count = 0;
      for await (const { event } of readStream(api, client.token, `/api/v1/actions/${id}/events`)) {
        if (event === 'command') count++;
        if (event === 'end') break;
      }
      return count;
    });
    return (await Promise.all([answering, ...streams])).slice(1);
  });
  if (live.value.some((count) => count !== agents)) throw new Error(`a stream told ${live.value.join(', ')}`);
  told(`${agents} answers stored and streamed to three at once`, live);
  const again = await timed(async () => {
    let count = 0;
    for await (const { event } of readStream(api, client.token, `/api/v1/actions/${id}/events`)) {
      count++;
      if (event === 'end') break;
    }
    return count;
  });
  told(`the stream from its beginning, ${again.value} events`, again);
  const page = await timed(() => client.call(listCommands, { params: { id }, query: { limit: 100 } }));
  told('first page of 100 commands', page);
  const headers = { authorization: `Bearer ${client.token}`, accept: 'application/x-ndjson' };
  const whole = await timed(() => api.raw(`/api/v1/actions/${id}/commands`, { headers }));
  told(`export of ${agents} commands, ${(whole.value.text.length / 1e6).toFixed(1)} MB`, whole);
  await api.close();
}

interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  /** Of the processor, in this process: server, client, and the embedded database. */
  readonly busyMs: number;
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const begun = performance.now();
  const usedBefore = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(usedBefore);
  return { value, ms: performance.now() - begun, busyMs: (user + system) / 1000 };
}

function megabytes(): string {
  return (process.memoryUsage().rss / 1e6).toFixed(0);
}
