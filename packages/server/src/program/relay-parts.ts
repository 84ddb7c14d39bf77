/** The embedded broker, and the connection of the platform to the broker, embedded or not. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Uuid } from '@mig/action';
import {
  type Authorizer,
  type Broker,
  type BrokerIdentity,
  connectRelay,
  type Relay,
  startAuthorizer,
  startBroker,
} from '@mig/relay';
import type { Certificates } from '../certificates/certificates.ts';
import { destroyedAgents } from '../database/agents.ts';
import type { Database } from '../database/open-database.ts';
import type { Settings } from '../settings/settings.ts';
import { Admission } from './admission.ts';
import { StartError } from './start-error.ts';

interface Parts {
  readonly settings: Settings;
  readonly certificates: Certificates;
  readonly log: (message: string) => void;
}

/** Starts the embedded broker. Agents that are unknown or destroyed are kept out, and cut off when it comes to that. */
export async function startOwnBroker(parts: Parts & { readonly database: Database }): Promise<Broker> {
  const { settings, certificates, database, log } = parts;
  const { host, port, wsport } = settings.relay;
  const broker = await startBroker({
    host,
    port,
    wsPort: wsport,
    tls: { ca: certificates.authority.cert, ...certificates.server },
    fleet: settings.fleet,
    admit: admitFrom(database),
    log,
  }).catch((cause: Error) => {
    throw new StartError(
      `relay on ${host}, ports ${port} and ${wsport} (relay.host, relay.port, relay.wsport): ${cause.message}`,
      { cause },
    );
  });
  const stop = await cutOffDestroyed(broker, database, log);
  return {
    ...broker,
    async close() {
      await stop();
      await broker.close();
    },
  };
}

/** Answers RabbitMQ where that is the broker of the fleet. Agents that are unknown or destroyed are kept out. */
export async function answerRabbitmq({
  settings,
  database,
  log,
}: Pick<Parts, 'settings' | 'log'> & { readonly database: Database }): Promise<Authorizer> {
  const host = '127.0.0.1';
  const port = settings.relay.rabbitmqport;
  return await startAuthorizer({ host, port, fleet: settings.fleet, admit: admitFrom(database), log }).catch(
    (cause: Error) => {
      throw new StartError(`answers for RabbitMQ on ${host}:${port} (relay.rabbitmqport): ${cause.message}`, { cause });
    },
  );
}

function admitFrom({ db }: Database): (identity: BrokerIdentity) => Promise<string | undefined> | undefined {
  const admission = new Admission(db);
  return (identity) => (identity.role === 'platform' ? undefined : admission.refusalOf(identity.agentId));
}

const gatherMs = 50;

/** Ends the connection of an agent that is destroyed while it is connected. */
async function cutOffDestroyed(
  broker: Broker,
  { db, listen }: Database,
  log: (message: string) => void,
): Promise<() => Promise<void>> {
  const changed = new Set<Uuid>();
  let isAllChanged = false;
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      while (changed.size > 0 || isAllChanged) {
        // Agents come in crowds, and each is a change.
        await sleep(gatherMs);
        const ids = [...changed];
        changed.clear();
        const wanted = destroyedAgents(db, isAllChanged ? undefined : ids);
        isAllChanged = false;
        for (const id of await wanted) broker.disconnect(id);
      }
    } catch (error) {
      log(`agents that were destroyed: ${(error as Error).message}`);
    } finally {
      isLooking = false;
    }
  };
  return listen('mig_agents', (id) => {
    // An empty payload: notifications were missed.
    if (id === '') isAllChanged = true;
    else changed.add(id);
    void look();
  });
}

/** Connects the platform to its own broker, or to those that the configuration names. */
export function connectPlatform({
  settings,
  certificates,
  own,
  log,
}: Parts & { readonly own: Broker | undefined }): Relay {
  const { urls, username, password } = settings.relay;
  return connectRelay({
    urls: own === undefined ? urls : [own.url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')],
    fleet: settings.fleet,
    as: { role: 'platform', name: 'server' },
    tls: { ca: certificates.authority.cert, ...certificates.platform },
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    log,
  });
}
