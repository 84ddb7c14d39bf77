/**
 * The data directory of a server that was started once: to start one on nothing takes seconds of computing, so that tests
 * begin with a copy.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { madeOnce } from './made-once.ts';
import { startProcess } from './test-process.ts';

export interface ServerSettings {
  readonly datadir: string;
  readonly api: number;
  readonly relay: number;
  readonly websocket: number;
  /** The port at which RabbitMQ asks, where that listens at `relay` in the place of the embedded broker. */
  readonly rabbitmq?: number;
}

/** Writes a mig-server.toml for a platform on loopback. */
export function writeServerSettings(file: string, settings: ServerSettings): void {
  const { datadir, api, relay, websocket, rabbitmq } = settings;
  const lines = [
    'fleet = "lab"',
    `datadir = ${JSON.stringify(datadir)}`,
    `[api]\nhost = "127.0.0.1"\nport = ${api}\nloginsperminute = 1000`,
    `[relay]\nhost = "127.0.0.1"\nport = ${relay}\nwsport = ${websocket}`,
    ...(rabbitmq === undefined ? [] : [`urls = ["mqtts://127.0.0.1:${relay}"]\nrabbitmqport = ${rabbitmq}`]),
    '[scheduler]\ngraceseconds = 2',
  ];
  writeFileSync(file, lines.join('\n'));
}

/** Puts the data of a fresh server into `directory`. */
export async function copyServerData(directory: string): Promise<void> {
  cpSync(join(await madeOnce('server', makeServerData), 'data'), directory, { recursive: true });
}

/** Starts a server for the first time, and keeps what it makes. */
async function makeServerData(made: string): Promise<void> {
  const file = join(made, 'mig-server.toml');
  const [api, relay, websocket] = await Promise.all([freePort(), freePort(), freePort()]);
  writeServerSettings(file, { datadir: join(made, 'data'), api, relay, websocket });
  const server = startProcess('mig-server', ['--config', file, '--owned']);
  await server.said(/^\{"ready":true/m);
  await server.stop();
}
