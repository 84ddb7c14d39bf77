/** The HTTP API: over TLS for investigators and agents, and through a socket for the administrator of this machine. */
import type { AddressInfo } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import { type FastifyReply, fastify } from 'fastify';
import type { KeyPair } from '../certificates/issue.ts';
import { openAdminSocket } from './admin-socket.ts';
import { type ApiContext, type ApiSetting, localAdministrator, Refused } from './api-context.ts';
import { InvestigatorKeys } from './investigator-keys.ts';
import { openApiDocument } from './open-api.ts';
import { answerUnreadable, failure, problemOf, problemType } from './problems.ts';
import { ReadingNotes } from './reading-notes.ts';
import { routeActions } from './resources/actions.ts';
import { routeAgents } from './resources/agents.ts';
import { routeAlerts } from './resources/alerts.ts';
import { routeAudit } from './resources/audit.ts';
import { routeCommands } from './resources/commands.ts';
import { routeEnrolment } from './resources/enrolment.ts';
import { routeInvestigators } from './resources/investigators.ts';
import { routeLogins } from './resources/logins.ts';
import { routeMacros } from './resources/macros.ts';
import { routeStatus } from './resources/status.ts';
import { routeTargets } from './resources/targets.ts';
import { createRouter, type Router, type RouterOptions } from './route.ts';
import { Wakes } from './wakes.ts';

/** Every resource. */
const resources: readonly ((router: Router) => void)[] = [
  routeActions,
  routeCommands,
  routeAgents,
  routeAlerts,
  routeAudit,
  routeEnrolment,
  routeInvestigators,
  routeLogins,
  routeMacros,
  routeStatus,
  routeTargets,
];

export interface ApiOptions {
  readonly context: ApiSetting;
  /** `cert` is the chain with the CA, which agents look for. */
  readonly tls: KeyPair;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the socket of the local administrator is made, for its owner only; none without. */
  readonly socketPath?: string | undefined;
  /** How long a request may take to come, in milliseconds. */
  readonly requestTimeoutMs?: number | undefined;
  /** How often it is looked whether who follows a stream still may, in milliseconds. */
  readonly recheckMs?: number | undefined;
  readonly log: (message: string) => void;
}

export interface Api {
  readonly port: number;
  /** Under the address that it listens on. */
  readonly url: string;
  /** Ends streams and connections, and stops. */
  close(): Promise<void>;
}

const defaultTimeoutMs = 120_000;
const defaultRecheckMs = 15_000;
/** Addresses that are counted at a time. */
const mostAddresses = 20_000;

/** Starts to listen. Throws when an address is taken. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { context: setting, host, port, socketPath, log } = options;
  const context: ApiContext = {
    ...setting,
    wakes: new Wakes(),
    keys: new InvestigatorKeys(),
    readings: new ReadingNotes(),
    log,
  };
  await context.wakes.start(setting.database);
  const closes: (() => Promise<void> | void)[] = [() => context.wakes.stop()];
  const close = async () => {
    for (const step of closes.splice(0).reverse()) await step();
  };
  try {
    const outer = await createServer(options, context, 'tls');
    closes.push(() => outer.close());
    await outer.app.listen({ host, port });
    if (socketPath !== undefined) {
      const inner = await createServer(options, context, 'socket');
      closes.push(() => inner.close());
      await inner.app.ready();
      closes.push(await openAdminSocket(inner.app.server, socketPath));
    }
    const { address, family, port: taken } = outer.app.server.address() as AddressInfo;
    return { port: taken, url: `https://${family === 'IPv6' ? `[${address}]` : address}:${taken}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createServer(
  { tls, requestTimeoutMs = defaultTimeoutMs, recheckMs = defaultRecheckMs, log }: ApiOptions,
  context: ApiContext,
  kind: 'tls' | 'socket',
) {
  // Node would answer a request without a host by itself, and not with a problem.
  const timing = {
    requireHostHeader: false,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
  };
  const app = fastify({
    ...(kind === 'tls' ? { https: { ...tls, ...timing, minVersion: 'TLSv1.2' as const } } : { http: timing }),
    requestTimeout: requestTimeoutMs,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    genReqId: () => crypto.randomUUID(),
    clientErrorHandler: answerUnreadable as never,
    frameworkErrors: (error, _, reply) => {
      const said = problemOf(error) ?? new Refused('BAD_REQUEST', 'the path cannot be read').problem;
      void (reply as FastifyReply).status(said.status).type(problemType).send(said);
    },
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async ({ headers, raw }) => {
    if (headers.host === undefined && raw.httpVersion === '1.1') {
      throw new Refused('BAD_REQUEST', 'expected a Host header');
    }
  });
  app.addHook('onSend', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
  });
  app.setErrorHandler((error, request, reply) => {
    const known = problemOf(error);
    if (known === undefined) log(`api: ${request.method} ${request.url}, request ${request.id}: ${describe(error)}`);
    const said = known ?? failure(request.id);
    if (said.status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.status(said.status).type(problemType).send(said);
  });

  const { requestsperminute, loginsperminute } = context.limits;
  await app.register(rateLimit, { global: false, cache: mostAddresses, timeWindow: 60_000 });
  const limits: RouterOptions['limits'] = {
    others: app.rateLimit({ max: requestsperminute }) as never,
    logins: app.rateLimit({ max: loginsperminute }) as never,
    enrolments: app.rateLimit({ max: loginsperminute }) as never,
  };
  const isLimited = kind === 'tls';
  app.setNotFoundHandler(isLimited ? { preHandler: limits.others as never } : {}, (request, reply) => {
    const { problem } = new Refused('NOT_FOUND', `there is no ${request.method} ${request.url.slice(0, 200)}`);
    return reply.status(404).type(problemType).send(problem);
  });

  const router = createRouter(app, { context, recheckMs, ...(isLimited ? { limits } : { as: localAdministrator }) });
  for (const route of resources) route(router);
  // Made when it is asked for: a server is up sooner without.
  let document: string | undefined;
  app.get('/api/v1/openapi.json', isLimited ? { onRequest: limits.others } : {}, (_, reply) => {
    document ??= JSON.stringify(openApiDocument(context.version));
    return reply.type('application/json').send(document);
  });
  return {
    app,
    async close() {
      router.close();
      await app.close();
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
