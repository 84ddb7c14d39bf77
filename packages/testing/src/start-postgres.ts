/** A PostgreSQL server of its own, from Debian's package, that ends with the test. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { madeOnce } from './made-once.ts';
import { makeQuickFolder } from './quick-folder.ts';

export interface TestPostgres {
  /** Of a database that is empty. It is reached through a socket; nothing listens on a port. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server on a cluster of its own, in a temporary directory. Throws when Debian's package is not installed. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = programs();
  const folder = makeQuickFolder('mig-postgres-');
  const data = join(folder, 'data');
  const as = unprivileged();
  if (as !== undefined) chownSync(folder, as.uid, as.gid);
  chmodSync(folder, 0o700);
  const options = { ...as, cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } };
  const cluster = await madeOnce('postgres', async (made) => {
    const fresh = join(folder, 'fresh');
    const initdb = ['-D', fresh, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'];
    execFileSync(join(bin, 'initdb'), initdb, { ...options, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('mv', [fresh, join(made, 'data')]);
  });
  // cp(1) keeps the owner of each file.
  execFileSync('cp', ['-a', join(cluster, 'data'), data]);
  const settings = ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=off'];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(server, 'exit');
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (part: string) => {
      log += part;
      if (log.includes('database system is ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
  });
  return {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    async close() {
      server.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The directory of the newest version's programs. */
function programs(): string {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base)
    ? readdirSync(base).filter((name) => existsSync(join(base, name, 'bin/initdb')))
    : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error('PostgreSQL is missing: apt-get install postgresql');
  return join(base, newest, 'bin');
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package makes for it. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
