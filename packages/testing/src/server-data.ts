/**
 * The data directory of a server that was started once: to make the embedded database takes seconds of computing, so that
 * tests copy one that is kept in node_modules/.cache for the build that it was made with.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { startProcess } from './test-process.ts';

export interface ServerSettings {
  readonly datadir: string;
  readonly api: number;
  readonly relay: number;
  readonly websocket: number;
}

const cache = join(import.meta.dirname, '../../../node_modules/.cache/mig-test-server');
const bundle = join(import.meta.dirname, '../../server/dist/mig-server.cjs');

/** Writes a mig-server.toml for a platform on loopback. */
export function writeServerSettings(file: string, { datadir, api, relay, websocket }: ServerSettings): void {
  const lines = [
    'fleet = "lab"',
    `datadir = ${JSON.stringify(datadir)}`,
    `[api]\nhost = "127.0.0.1"\nport = ${api}\nloginsperminute = 1000`,
    `[relay]\nhost = "127.0.0.1"\nport = ${relay}\nwsport = ${websocket}`,
    '[scheduler]\ngraceseconds = 2',
  ];
  writeFileSync(file, lines.join('\n'));
}

/** Puts the data of a fresh server into `directory`. */
export async function copyServerData(directory: string): Promise<void> {
  const build = createHash('sha256').update(readFileSync(bundle)).update(process.version).digest('hex').slice(0, 16);
  const kept = join(cache, build);
  if (!existsSync(kept)) await makeServerData(kept);
  cpSync(kept, directory, { recursive: true });
}

/** Of several who make it at the same time, the first is heard. */
async function makeServerData(kept: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-platform-'));
  const datadir = join(folder, 'server');
  const file = join(folder, 'mig-server.toml');
  try {
    const [api, relay, websocket] = await Promise.all([freePort(), freePort(), freePort()]);
    writeServerSettings(file, { datadir, api, relay, websocket });
    const server = startProcess('mig-server', ['--config', file, '--owned']);
    await server.said(/^\{"ready":true/m);
    await server.stop();
    if (existsSync(kept)) return;
    mkdirSync(cache, { recursive: true });
    for (const older of readdirSync(cache)) rmSync(join(cache, older), { recursive: true, force: true });
    cpSync(datadir, `${kept}.${process.pid}`, { recursive: true });
    renameSync(`${kept}.${process.pid}`, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
