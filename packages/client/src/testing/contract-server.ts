/**
 * A platform for tests: HTTPS on loopback with a certificate of its own CA, which answers as the contract of @mig/api has
 * it. It verifies logins and actions with @mig/action, runs no agent, and says what a test lets it say.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  actionPayloadType,
  createUuid,
  Envelope,
  type Keyring,
  loginPayloadType,
  parseAction,
  parseLogin,
  payloadOf,
  readKeyring,
  verifySignatures,
} from '@mig/action';

export const fleet = 'lab';
const end = '2099-01-01T00:00:00.000Z';

export interface ContractServer {
  readonly url: string;
  /** File with the CA certificate. */
  readonly ca: string;
  readonly folder: string;
  /** Requests so far: method, path, and the cursor that a stream went on from. */
  readonly asked: string[];
  /** Answers in place of the standard one; undefined leaves it to the standard. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Tokens that were given and not taken back. */
  readonly tokens: Set<string>;
  /** Envelopes that were launched. */
  readonly launched: Envelope[];
}

/** Calls `use` with a server that knows the investigator with `publicKey`; ends it afterwards. Needs Debian's openssl. */
export async function withContractServer(
  publicKey: string,
  use: (server: ContractServer) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mig-contract-'));
  const tls = makeCertificates(folder);
  const keyring = await readKeyring([publicKey]);
  const challenges = new Map<string, string>();
  const state = { asked: [] as string[], tokens: new Set<string>(), launched: [] as Envelope[] };

  const server = createServer(tls, (request, response) => {
    void handle(request, response).catch((error: Error) => problem(response, 500, 'INTERNAL', error.message));
  });
  const contract: ContractServer = {
    ...state,
    url: '',
    ca: join(folder, 'ca.crt'),
    folder,
    answer: () => false,
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/api/v1', '');
    const after = request.headers['last-event-id'];
    state.asked.push(`${request.method} ${path}${after === undefined ? '' : ` after ${after}`}`);
    const body = await bodyOf(request);
    if (path === '/status') return send(response, 200, { fleet, version: '1', ready: true, time: end });
    if (path === '/challenges') {
      const id = createUuid();
      const challenge = randomBytes(32).toString('hex');
      challenges.set(id, challenge);
      return send(response, 201, { id, fleet, challenge, expires: end });
    }
    if (path === '/sessions') {
      const { challengeid, envelope } = body as { challengeid: string; envelope: Envelope };
      const login = parseLogin(payloadOf(Envelope.parse(envelope), loginPayloadType));
      await requireSignature(envelope, keyring, loginPayloadType);
      if (challenges.get(challengeid) !== login.challenge) return problem(response, 401, 'NOT_AUTHENTICATED', 'no');
      const token = randomBytes(16).toString('hex');
      state.tokens.add(token);
      const investigator = { id: createUuid(), name: 'Dana' };
      return send(response, 201, { token, expires: end, investigator, permissions: ['read', 'launch'] });
    }
    if (!state.tokens.has((request.headers.authorization ?? '').replace('Bearer ', ''))) {
      return problem(response, 401, 'NOT_AUTHENTICATED', 'no such token');
    }
    if (contract.answer(request, response)) return;
    if (path === '/targets/count') {
      const { target } = body as { target: string };
      return send(response, 200, {
        condition: target === 'online' ? "status = 'online'" : target,
        count: 2,
        online: 1,
        idle: 0,
        offline: 1,
        sample: ['web1', 'web2'],
      });
    }
    if (path.startsWith('/investigators?') || path === '/investigators') {
      return send(response, 200, { items: [], next: null });
    }
    if (path === '/actions' && request.method === 'POST') {
      const envelope = Envelope.parse(body);
      await requireSignature(envelope, keyring, actionPayloadType);
      state.launched.push(envelope);
      return send(response, 201, summaryOf(envelope));
    }
    problem(response, 404, 'NOT_FOUND', path);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(Object.assign(contract, { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  }
}

async function requireSignature(envelope: Envelope, keyring: Keyring, payloadType: string): Promise<void> {
  const verdicts = await verifySignatures(envelope, keyring, new Date(), payloadType);
  const bad = verdicts.find(({ valid }) => !valid);
  if (verdicts.length === 0 || bad !== undefined) throw new Error(bad?.reason?.message ?? 'no signature');
}

/** The summary of an action that was launched for two agents, with other `counters` where they are given. */
export function summaryOf(envelope: Envelope, counters: object = {}, status = 'inprogress'): object {
  const { id, name, target, validfrom, expireafter, operations } = parseAction(payloadOf(envelope));
  const none = {
    pending: 0,
    sent: 0,
    delivered: 2,
    done: 0,
    success: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
    timeout: 0,
    found: 0,
  };
  return {
    id,
    name,
    target,
    status,
    validfrom,
    expireafter,
    operations,
    description: null,
    threat: null,
    investigators: [],
    counters: { ...none, targeted: 2, ...counters },
    launchtime: validfrom,
    finishtime: null,
  };
}

/** Answers with JSON. */
export function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  send(response, status, { type: 'about:blank', title: code, status, code, detail });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}

function makeCertificates(folder: string): { cert: string; key: string } {
  const file = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...newKey, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/O=lab/CN=test CA');
  const issuer = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-addext', 'subjectAltName=IP:127.0.0.1'];
  const leaf = ['-keyout', file('server.key'), '-out', file('server.crt'), '-subj', '/CN=server'];
  openssl('req', '-x509', ...newKey, ...leaf, ...issuer, '-addext', 'basicConstraints=critical,CA:FALSE');
  const chain = `${readFileSync(file('server.crt'), 'utf8')}${readFileSync(file('ca.crt'), 'utf8')}`;
  return { cert: chain, key: readFileSync(file('server.key'), 'utf8') };
}
