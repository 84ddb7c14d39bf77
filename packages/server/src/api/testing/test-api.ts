/** The API for tests: a real server on loopback over TLS, with a database, a fleet and investigators made for the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CreatedKey, createEnvelope, createKey, encodeLogin, loginPayloadType, signEnvelope } from '@mig/action';
import {
  type Client,
  createChallenge,
  createClient,
  createSession,
  type Investigator,
  type PermissionName,
} from '@mig/api';
import { Agent, fetch } from 'undici';
import { createAuthority, issueServer, type KeyPair } from '../../certificates/issue.ts';
import { insertInvestigator } from '../../database/investigators.ts';
import { type Database, openDatabase } from '../../database/open-database.ts';
import { openTestDatabase } from '../../testing/open-test-database.ts';
import type { ApiSetting } from '../api-context.ts';
import { type ApiOptions, startApi } from '../start-api.ts';

export const fleet = 'testfleet';

/** An investigator with a key that is not protected by secrets: it ends with the test. */
export interface Person {
  readonly investigator: Investigator;
  readonly key: CreatedKey;
}

export interface TestApi {
  readonly url: string;
  readonly database: Database;
  readonly authority: KeyPair;
  readonly socketPath: string;
  /** What the server logged. */
  readonly log: string[];
  /** Cancellations that agents were told of. */
  readonly cancelled: { readonly agentId: string; readonly id: string; readonly reason: string }[];
  /** Adds an investigator, with a new key or this one. */
  add(name: string, permissions: readonly PermissionName[], key?: CreatedKey): Promise<Person>;
  /** Logs in, and gives a client with the token. */
  login(person: Person): Promise<Client & { readonly token: string }>;
  /** A client with a token or none. */
  client(token?: string): Client;
  /** Sends whatever is wanted; nothing is checked on the way. */
  raw(path: string, init?: RawRequest): Promise<RawAnswer>;
  /** The same as the local administrator. */
  rawLocal(path: string, init?: RawRequest): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export const passphrase = 'correct horse';

export interface TestChanges {
  readonly setting?: Partial<ApiSetting>;
  readonly options?: Partial<ApiOptions>;
  /** Of the database; in memory without. */
  readonly url?: string;
  /** One that is open already, and stays so. */
  readonly database?: Database;
}

/** Starts an API; its `close` ends it and removes what it made. */
export async function startTestApi(changes: TestChanges = {}): Promise<TestApi> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-api-'));
  const database =
    changes.database ?? (await (changes.url === undefined ? openTestDatabase() : openDatabase({ url: changes.url })));
  const authority = await createAuthority(fleet);
  const server = await issueServer(authority, fleet, ['127.0.0.1']);
  const socketPath = join(folder, 'admin.sock');
  const log: string[] = [];
  const cancelled: { agentId: string; id: string; reason: string }[] = [];
  const context: ApiSetting = {
    database,
    fleet,
    version: '1.2.3',
    authority,
    relayUrls: () => ['mqtts://127.0.0.1:8883'],
    cancel: (agentId, { id }, reason) => cancelled.push({ agentId, id, reason }),
    limits: { requestsperminute: 100_000, loginsperminute: 100_000 },
    ...changes.setting,
  };
  const tls = { key: server.key, cert: `${server.cert}\n${authority.cert}` };
  const api = await startApi({
    context,
    tls,
    host: '127.0.0.1',
    port: 0,
    socketPath,
    log: (message) => log.push(message),
    ...changes.options,
  });
  const dispatcher = new Agent({ connect: { ca: authority.cert } });
  const { url } = api;
  const client = (token?: string): Client =>
    createClient({
      url,
      token: () => token,
      fetch: (address, init) =>
        fetch(address, { ...init, dispatcher }) as unknown as ReturnType<Parameters<typeof createClient>[0]['fetch']>,
    });
  return {
    url,
    database,
    authority,
    socketPath,
    log,
    cancelled,
    client,
    async add(name, permissions, key) {
      const made = key ?? (await createKey({ name, passphrase }));
      const { fingerprint, publicKey: publickey } = made;
      const investigator = await insertInvestigator(database.db, { name, fingerprint, publickey, permissions });
      return { investigator: investigator!, key: made };
    },
    async login(person) {
      const { id, ...challenge } = await client().call(createChallenge, {
        body: { fingerprint: person.key.fingerprint },
      });
      const envelope = await signLogin(person, challenge);
      const { token } = await client().call(createSession, { body: { challengeid: id, envelope } });
      return { ...client(token), token };
    },
    async raw(path, init = {}) {
      const response = await fetch(`${url}${path}`, { ...init, headers: init.headers ?? {}, dispatcher });
      const text = await response.text();
      const headers = Object.fromEntries(response.headers);
      return { status: response.status, type: mediaTypeOf(response.headers.get('content-type')), headers, text };
    },
    rawLocal: (path, init) => askSocket(socketPath, path, init),
    async close() {
      await dispatcher.destroy();
      await api.close();
      if (changes.database === undefined) await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A login, signed by `person`. */
export function signLogin(
  { key }: Person,
  login: { readonly fleet: string; readonly challenge: string; readonly expires: string },
) {
  const { fleet: ofFleet, challenge, expires } = login;
  const envelope = createEnvelope(encodeLogin({ fleet: ofFleet, challenge, expires }), loginPayloadType);
  return signEnvelope(envelope, { privateKey: key.privateKey, passphrase });
}

function mediaTypeOf(header: string | null | undefined): string {
  return header?.split(';')[0] ?? '';
}

function askSocket(
  socketPath: string,
  path: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest({ socketPath, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        const type = mediaTypeOf(response.headers['content-type']);
        resolve({ status: response.statusCode ?? 0, type, headers: response.headers, text });
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
