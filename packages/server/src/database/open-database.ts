/** Opens the database: PostgreSQL where a URL says so, else the embedded one in a directory. One code path for both. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { openEmbedded } from './embedded-pool.ts';
import { Listener } from './listener.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { readers } from './values.ts';

/** The channels of NOTIFY: commands to dispatch, changes of commands, alerts, agents that come and go. */
export type Channel = 'mig_dispatch' | 'mig_commands' | 'mig_alerts' | 'mig_agents';

export type Db = Kysely<Schema>;

export interface Database {
  readonly db: Db;
  /** How long nobody has asked the embedded database, in milliseconds; undefined for a server, which looks after itself. */
  readonly quietForMs: (() => number) | undefined;
  /** Calls `wake` when somebody notified `channel`, and once after a connection that was lost stands again. */
  listen(channel: Channel, wake: (payload: string) => void): Promise<() => Promise<void>>;
  /**
   * Waits until no other process holds `key`, and holds it: until `release`, or until `onLost` says that the connection
   * which stood for it has ended. Rejects when `signal` aborts first. The embedded database has one process, which holds
   * whatever it likes.
   */
  hold(key: number, signal: AbortSignal, onLost: (reason: Error) => void): Promise<Hold>;
  close(): Promise<void>;
}

export interface Hold {
  release(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://…`, or the path of a directory for the embedded one; `memory:` keeps nothing. */
  readonly url: string;
  /**
   * An archive of an embedded database without tables, from which a new one is made: to make one from nothing takes
   * several seconds of computing, and three times the memory.
   */
  readonly template?: string | undefined;
  /** Whether the tables are brought to this version; default true. */
  readonly isMigrated?: boolean;
  readonly log?: (message: string) => void;
}

/** Opens and migrates. Throws the error of the connection, naming the database without its password. */
export async function openDatabase({
  url,
  template,
  isMigrated = true,
  log = () => {},
}: DatabaseOptions): Promise<Database> {
  const database = /^postgres(?:ql)?:/.test(url) ? await openServer(url, log) : await openDirectory(url, template);
  try {
    if (isMigrated) await migrate(database.db);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** Wakes whoever listens on `channel`, once the transaction that `db` may be has been committed. */
export async function notify(db: Db, channel: Channel, payload = ''): Promise<void> {
  await sql`SELECT pg_notify(${channel}, ${payload})`.execute(db);
}

async function openDirectory(directory: string, template: string | undefined): Promise<Database> {
  if (directory !== 'memory:') mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  const { pool, pglite, quietForMs } = await openEmbedded(directory === 'memory:' ? undefined : directory, template);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    quietForMs,
    hold: async () => ({ async release() {} }),
    async listen(channel, wake) {
      const stop = await pglite.listen(channel, wake);
      // A database that is closing has no listeners any more.
      return () => stop().catch(() => {});
    },
    close: () => db.destroy(),
  };
}

/** How long a connection may take to stand. */
const patienceMs = 10_000;

async function openServer(url: string, log: (message: string) => void): Promise<Database> {
  const types = {
    getTypeParser: (oid: number, format: string) => readers[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
  };
  const settings = {
    connectionString: url,
    types: types as never,
    options: '-c timezone=UTC',
    connectionTimeoutMillis: patienceMs,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...settings, max: 10 });
  pool.on('error', (error) => log(`database: ${error.message}`));
  // A connection that is lost between two statements of a transaction: the next one says so.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    await sql`SELECT 1`.execute(db);
  } catch (cause) {
    await db.destroy();
    throw new Error(`database ${withoutPassword(url)}: ${reasonOf(cause)}`, { cause });
  }
  const listener = new Listener(() => new pg.Client(settings), log);
  return {
    db,
    quietForMs: undefined,
    listen: (channel, wake) => listener.listen(channel, wake),
    hold: (key, signal, onLost) => {
      const client = new pg.Client({ ...settings, options: `${settings.options} ${livelyConnection}` });
      return holdLock(client, key, signal, onLost);
    },
    async close() {
      await listener.close();
      await db.destroy();
    },
  };
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return '(its URL cannot be read)';
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}

/** A name with several addresses fails once for each of them, and the whole says nothing. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return (error as Error).message;
}

/** So that the server notices within a minute when the machine of a holder is gone without a word. */
const livelyConnection = '-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

/** An advisory lock, held by a connection of its own: whoever dies gives it back. */
async function holdLock(
  client: pg.Client,
  key: number,
  signal: AbortSignal,
  onLost: (reason: Error) => void,
): Promise<Hold> {
  let isHeld = false;
  const lost = (reason: Error) => {
    if (isHeld) onLost(reason);
    isHeld = false;
  };
  client.on('error', lost);
  client.on('end', () => lost(new Error('the connection to the database ended')));
  const giveUp = () => void client.end();
  signal.addEventListener('abort', giveUp);
  try {
    signal.throwIfAborted();
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [key]);
    isHeld = true;
  } finally {
    signal.removeEventListener('abort', giveUp);
    if (!isHeld) await client.end().catch(() => {});
  }
  return {
    async release() {
      isHeld = false;
      await client.end();
    },
  };
}
