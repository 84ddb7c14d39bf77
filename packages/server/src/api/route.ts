/** Puts an endpoint of the contract on the server: who may ask, what is taken, what comes back, what is refused. */
import { Readable } from 'node:stream';
import { longestEnvelopeBytes } from '@mig/action';
import {
  type AnyEndpoint,
  createAction,
  createChallenge,
  createSession,
  isList,
  ndjson,
  type Page,
  type ResponseOf,
} from '@mig/api';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { type ApiContext, type Caller, Refused } from './api-context.ts';
import { authenticate } from './authentication.ts';
import { EventWriter } from './event-writer.ts';

/** A request, read and checked. `caller` is there wherever the endpoint needs a permission. */
export interface Asked<E extends AnyEndpoint> {
  readonly params: z.output<E['params']>;
  readonly query: z.output<E['query']>;
  readonly body: z.output<E['body']>;
  readonly caller: Caller;
  readonly request: FastifyRequest;
}

/** What an endpoint answers: nothing, where it has no response. */
type Answer<E extends AnyEndpoint> = ResponseOf<E> extends undefined ? Promise<void> : Promise<ResponseOf<E>>;

/** Registers routes, all for the same kind of caller. */
export interface Router {
  readonly context: ApiContext;
  /** An endpoint that answers once. A list is asked for page after page where the whole of it is wanted. */
  on<E extends AnyEndpoint>(endpoint: E, handle: (asked: Asked<E>) => Answer<E>): void;
  /** An endpoint that is a stream: `open` checks and refuses, what it gives writes events until it returns. */
  stream<E extends AnyEndpoint>(
    endpoint: E,
    open: (asked: Asked<E>) => Promise<(events: EventWriter) => Promise<void>>,
  ): void;
  /** Ends the streams that are open. */
  close(): void;
}

export interface RouterOptions {
  readonly context: ApiContext;
  /** How often it is looked whether who follows a stream still may, in milliseconds. */
  readonly recheckMs: number;
  /** Whoever asks is that caller: the socket says who it is. */
  readonly as?: Caller;
  /** Each counts what comes from one address: logins, enrolments, everything else. */
  readonly limits?: Readonly<Record<'logins' | 'enrolments' | 'others', onRequestAsyncHookHandler>>;
}

/** Bodies are small, but for these. */
const bodyLimits: ReadonlyMap<AnyEndpoint, number> = new Map<AnyEndpoint, number>([
  [createAction, longestEnvelopeBytes],
  [createChallenge, 4 * 1024],
  [createSession, 64 * 1024],
]);
const bodyLimit = 1024 * 1024;

/** Items that are read at a time where all of a list is wanted. */
const exportedAtOnce = 500;

/** How long a handler may take that answers once. */
const patienceMs = 60_000;
/** Streams that one investigator may follow at a time: each is read from the database at every change. */
const mostStreams = 64;

/** Routes of `app`. */
export function createRouter(app: FastifyInstance, { context, recheckMs, as, limits }: RouterOptions): Router {
  /** Those that are open or about to be, and whose they are. */
  const streams = new Set<{ readonly whose: string; events?: EventWriter }>();

  function register(
    endpoint: AnyEndpoint,
    answer: (asked: Asked<AnyEndpoint>, reply: FastifyReply) => Promise<unknown>,
  ): void {
    const query = (endpoint.query as z.ZodObject).strict();
    const callers = new WeakMap<FastifyRequest, Caller>();
    const mayTakeLong = endpoint.events !== undefined || isList(endpoint);
    app.route({
      method: endpoint.method,
      url: `/api/v1${endpoint.path}`,
      bodyLimit: bodyLimits.get(endpoint) ?? bodyLimit,
      ...(mayTakeLong ? {} : { handlerTimeout: patienceMs }),
      // Before the body is read: who may not ask sends none.
      onRequest: [
        ...(limits === undefined ? [] : [limits[limitOf(endpoint)]]),
        async (request) => {
          const caller = as ?? (await authenticate(context, endpoint, request.headers.authorization));
          if (caller !== undefined) callers.set(request, caller);
        },
      ],
      handler: async (request, reply) => {
        const asked = {
          params: read(endpoint.params, request.params, 'path'),
          query: read(query, request.query, 'query'),
          body: read(endpoint.body, request.body ?? undefined, 'body'),
          caller: callers.get(request) as Caller,
          request,
        };
        return answer(asked, reply);
      },
    });
  }

  async function follow(
    endpoint: AnyEndpoint,
    { request }: Asked<AnyEndpoint>,
    events: EventWriter,
    write: (events: EventWriter) => Promise<void>,
  ): Promise<void> {
    const recheck = setInterval(() => {
      if (as !== undefined) return;
      authenticate(context, endpoint, request.headers.authorization).catch((error: unknown) => {
        if (error instanceof Refused) events.stop();
      });
    }, recheckMs);
    try {
      await write(events);
    } catch (error) {
      // The client goes on from where it was, and is told then what is wrong.
      context.log(`api: ${request.method} ${request.url}: ${(error as Error).stack}`);
    } finally {
      clearInterval(recheck);
      events.end();
    }
  }

  return {
    context,

    on(endpoint, handle) {
      const { success = 200 } = endpoint;
      register(endpoint, async (asked, reply) => {
        if (isList(endpoint) && acceptsLines(asked.request)) {
          const next = (more: { readonly after?: string }) =>
            handle({ ...asked, query: { ...(asked.query as object), limit: exportedAtOnce, ...more } } as never);
          const first = (await next({})) as Page<unknown>;
          return reply.type(ndjson).send(Readable.from(lines(first, next as never), { objectMode: false }));
        }
        const answered = await handle(asked as never);
        return reply.status(success).send(success === 204 ? undefined : answered);
      });
    },

    stream(endpoint, open) {
      register(endpoint, async (asked, reply) => {
        const { name } = asked.caller;
        if ([...streams].filter(({ whose }) => whose === name).length >= mostStreams) {
          throw new Refused('TOO_MANY_REQUESTS', `${name} follows ${mostStreams} streams already`);
        }
        const stream: { readonly whose: string; events?: EventWriter } = { whose: name };
        streams.add(stream);
        try {
          const write = await open(asked as never);
          stream.events = new EventWriter(reply);
          await follow(endpoint, asked, stream.events, write);
        } finally {
          streams.delete(stream);
        }
        return reply;
      });
    },

    close() {
      for (const { events } of streams) events?.stop();
    },
  };
}

function limitOf({ method, permission }: AnyEndpoint): 'logins' | 'enrolments' | 'others' {
  if (permission === 'agent') return 'enrolments';
  return permission === 'public' && method === 'POST' ? 'logins' : 'others';
}

function acceptsLines({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? '').split(',').some((type) => type.split(';')[0]!.trim().toLowerCase() === ndjson);
}

/** All items from `page` on, one a line; a page is read when the one before was taken. */
async function* lines(
  page: Page<unknown>,
  readNext: (more: { readonly after: string }) => Promise<Page<unknown>>,
): AsyncGenerator<string> {
  for (;;) {
    const { items, next } = page;
    for (const item of items) yield `${JSON.stringify(item)}\n`;
    if (next === null) return;
    page = await readNext({ after: next });
  }
}

function read(schema: z.ZodType, value: unknown, part: string): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new Refused('BAD_REQUEST', `${path.length === 0 ? part : `${part}: ${path.join('.')}`}: ${message}`);
  }
  requireStorable(parsed.data, part);
  return parsed.data;
}

/** NUL and halves of surrogate pairs are no text for PostgreSQL. */
function requireStorable(value: unknown, part: string): void {
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string' && /[\0\p{Surrogate}]/u.test(next)) {
      throw new Refused('BAD_REQUEST', `${part}: expected text, got one with NUL or half a surrogate pair`);
    }
    if (typeof next === 'object' && next !== null) {
      for (const [key, inner] of Object.entries(next)) left.push(key, inner);
    }
  }
}
