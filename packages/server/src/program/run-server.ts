/** `mig-server` from its start to its end: starts the parts that its roles name, says that it serves, stops on a signal. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createLogger, type Logger, takeLock } from '@mig/daemon';
import { startApi } from '../api/start-api.ts';
import { loadCertificates } from '../certificates/certificates.ts';
import { type Database, openDatabase } from '../database/open-database.ts';
import { startUpkeep } from '../database/upkeep.ts';
import type { Role, Settings } from '../settings/settings.ts';
import { version } from '../version.ts';
import { addressesForAgents, relayAddresses } from './addresses.ts';
import { startLeading } from './leading.ts';
import { answerRabbitmq, connectPlatform, startOwnBroker } from './relay-parts.ts';
import { replaceAuthority, settleAuthority } from './settle-authority.ts';
import { StartError } from './start-error.ts';
import { verifyAuditIn } from './verify-audit.ts';

/** What is printed, on one line, once the server serves. */
export interface ReadyLine {
  readonly ready: true;
  readonly pid: number;
  readonly fleet: string;
  readonly roles: readonly Role[];
  /** Where the API is reached; null where another process has it. */
  readonly api: string | null;
  /** The socket of the local administrator; null where another process has it. */
  readonly adminsocket: string | null;
  /** The addresses of the relay that agents are told. */
  readonly relay: readonly string[];
  /** The certificate of the fleet's CA. */
  readonly ca: string;
}

export interface ServerOptions {
  /** Whether the end of standard input ends the server. */
  readonly isOwned: boolean;
}

/** Runs until a signal, or the end of its owner. Gives the exit status. Throws StartError, LockedError. */
export async function runServer(settings: Settings, { isOwned }: ServerOptions): Promise<number> {
  const ended = endOf(isOwned);
  const log = createLogger(settings.log);
  const server = await startServer(settings, log);
  process.stdout.write(`${JSON.stringify(server.ready)}\n`);
  log.info(server.ready, 'ready');
  const reason = await ended;
  log.info({ reason }, 'server stops');
  await server.close();
  return 0;
}

interface RunningServer {
  readonly ready: ReadyLine;
  /** Stops in the order in which questions come: first nobody asks, last nothing is written. */
  close(): Promise<void>;
}

async function startServer(settings: Settings, log: Logger): Promise<RunningServer> {
  const { datadir, fleet, names, roles, api, relay: broker } = settings;
  const steps: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of steps.splice(0).reverse()) await step();
  };
  const warn = (message: string) => log.warn({ detail: message }, 'trouble');
  const has = (role: Role) => roles.includes(role);
  try {
    lockRoles(settings);
    const database = await openPlatformDatabase(settings, warn);
    steps.push(() => database.close());
    const upkeep = startUpkeep(database, { log: warn });
    steps.push(() => upkeep.close());
    const authority = await settleAuthority(database.db, { directory: datadir, fleet }).catch(inCertificates(datadir));
    const certificates = await loadCertificates(datadir, { authority, fleet, names }).catch(inCertificates(datadir));
    const own = has('relay') ? await startOwnBroker({ settings, certificates, database, log: warn }) : undefined;
    if (own !== undefined) steps.push(() => own.close());
    const answers = broker.rabbitmqport === 0 ? undefined : await answerRabbitmq({ settings, database, log: warn });
    if (answers !== undefined) steps.push(() => answers.close());
    const relay =
      has('api') || has('scheduler') ? connectPlatform({ settings, certificates, own, log: warn }) : undefined;
    if (relay !== undefined) steps.push(() => relay.close());
    if (has('scheduler')) {
      const leading = startLeading({ settings, database, relay: relay!, log: warn });
      steps.push(() => leading.close());
    }
    const adminsocket = join(datadir, 'admin.sock');
    const serving = has('api')
      ? await startApi({
          context: {
            database,
            fleet,
            version,
            authority: certificates.authority,
            relayUrls: () => addressesForAgents(settings, own),
            cancel: (agentId, { id, actionid }, reason) =>
              relay!
                .publish('cancel', agentId, { commandid: id, actionid, reason, senttime: new Date().toISOString() })
                // An agent that is not reached now is told at its next hello.
                .catch((error: Error) => warn(`cancellation of command ${id}: ${error.message}`)),
            limits: api,
          },
          tls: certificates.server,
          host: api.host,
          port: api.port,
          socketPath: adminsocket,
          log: warn,
        }).catch(asStartError(`API on ${api.host}:${api.port} (api.host, api.port)`))
      : undefined;
    if (serving !== undefined) steps.push(() => serving.close());
    const ready: ReadyLine = {
      ready: true,
      pid: process.pid,
      fleet,
      roles,
      api: serving === undefined ? null : `https://${reachableHost(api.host)}:${serving.port}`,
      adminsocket: serving === undefined ? null : adminsocket,
      relay: own === undefined ? broker.urls : relayAddresses(settings, own),
      ca: join(datadir, 'ca.crt'),
    };
    return { ready, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `mig-server replace-ca`. Gives the exit status. Throws StartError, LockedError. */
export async function replaceCa(settings: Settings): Promise<number> {
  const { datadir, fleet } = settings;
  lockRoles(settings);
  const database = await openPlatformDatabase(settings, (message) => process.stderr.write(`mig-server: ${message}\n`));
  try {
    const { before, now } = await replaceAuthority(database.db, { directory: datadir, fleet }).catch(
      inCertificates(datadir),
    );
    process.stdout.write(
      now === before
        ? `the CA in ${datadir} is the fleet's already: ${now}\n`
        : `the fleet's CA is the one in ${datadir} now: ${now}\n` +
            'copy ca.crt and ca.key to the data directories of its other servers and start them anew; let every agent enrol anew\n',
    );
    return 0;
  } finally {
    await database.close();
  }
}

/** `mig-server audit verify`, of the log in the database; nothing is changed there. Gives the exit status. Throws StartError, LockedError. */
export async function verifyAuditOf(settings: Settings): Promise<number> {
  const isEmbedded = settings.database.url === '';
  if (isEmbedded && !existsSync(join(settings.datadir, 'database'))) {
    throw new StartError(`there is no database in ${settings.datadir}: set datadir, or --data-dir`);
  }
  if (isEmbedded) lockRoles(settings);
  const database = await openPlatformDatabase(settings, () => {}, false);
  try {
    return await verifyAuditIn(database.db).catch(asStartError('audit verify'));
  } finally {
    await database.close();
  }
}

function openPlatformDatabase(
  { database, datadir }: Settings,
  log: (message: string) => void,
  isMigrated = true,
): Promise<Database> {
  const url = database.url || join(datadir, 'database');
  return openDatabase({ url, template: emptyDatabase(), isMigrated, log }).catch(asStartError('database'));
}

function inCertificates(datadir: string): (cause: Error) => never {
  return (cause) => {
    if (cause instanceof StartError) throw cause;
    return asStartError(`certificates in ${datadir}`)(cause);
  };
}

/** One process for each role in a data directory, and one for the embedded database. */
function lockRoles({ datadir, roles, database }: Settings): void {
  const kinds = database.url === '' ? ['database'] : roles;
  for (const kind of kinds) {
    const directory = join(datadir, 'locks', kind);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new StartError(`data directory ${datadir}: ${(cause as Error).message}: set datadir, or --data-dir`, {
        cause,
      });
    }
    takeLock(directory, kind === 'database' ? 'a mig-server' : `a mig-server with the role ${kind}`);
  }
}

function asStartError(what: string): (cause: Error) => never {
  return (cause) => {
    throw new StartError(cause.message.startsWith(what) ? cause.message : `${what}: ${cause.message}`, { cause });
  };
}

/** What the build puts beside the program. */
function emptyDatabase(): string {
  return join(dirname(resolve(process.argv[1] ?? '.')), 'empty-database.tar.gz');
}

/** How this machine reaches what listens on `host`. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** Resolves with why the server must end; at the second signal it ends at once. */
function endOf(isOwned: boolean): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
    if (!isOwned) return;
    process.stdin.once('close', () => resolve('its owner has ended'));
    process.stdin.resume();
  });
}
