/** Puts an endpoint of the contract on the server: who may ask, what is taken, what comes back, what is refused. */
import { ActionError } from '@mig/action';
import type { AnyEndpoint, ErrorName, Problem, ResponseOf } from '@mig/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { RequestRefused } from '../certificates/issue.ts';
import { TargetError } from '../targeting/target-error.ts';
import { type ApiContext, type Caller, Refused, titleOf } from './api-context.ts';
import { authenticate } from './authentication.ts';
import { EventWriter } from './event-writer.ts';

/** A request, read and checked. `caller` is there wherever the endpoint needs a permission. */
export interface Asked<E extends AnyEndpoint> {
  readonly params: z.output<E['params']>;
  readonly query: z.output<E['query']>;
  readonly body: z.output<E['body']>;
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Registers routes, all for the same kind of caller. */
export interface Router {
  readonly context: ApiContext;
  on<E extends AnyEndpoint>(endpoint: E, handle: (asked: Asked<E>) => Promise<ResponseOf<E>>): void;
  /** An endpoint that is a stream: `handle` writes events until it returns. */
  stream<E extends AnyEndpoint>(endpoint: E, handle: (asked: Asked<E>, events: EventWriter) => Promise<void>): void;
}

/** Routes of `app`. With `as`, whoever asks is that caller: the socket says who it is. */
export function createRouter(app: FastifyInstance, context: ApiContext, as?: Caller): Router {
  const register = (endpoint: AnyEndpoint, handle: (asked: Asked<AnyEndpoint>) => Promise<unknown>) => {
    const isLogin = endpoint.method === 'POST' && (endpoint.permission === 'public' || endpoint.permission === 'agent');
    const { requestsperminute, loginsperminute } = context.limits;
    app.route({
      method: endpoint.method,
      url: `/api/v1${endpoint.path}`,
      config: { rateLimit: { max: isLogin ? loginsperminute : requestsperminute, timeWindow: 60_000 } },
      handler: async (request, reply) => {
        const caller = as ?? (await authenticate(context, endpoint, request.headers.authorization));
        const answer = await handle({
          params: read(endpoint.params, request.params, 'path'),
          query: read(endpoint.query, request.query, 'query'),
          body: read(endpoint.body, request.body ?? undefined, 'body'),
          caller: caller as Caller,
          request,
          reply,
        } as Asked<AnyEndpoint>);
        if (reply.sent) return reply;
        const status = endpoint.success ?? 200;
        return reply
          .status(reply.statusCode === 200 ? status : reply.statusCode)
          .send(status === 204 ? undefined : answer);
      },
    });
  };
  return {
    context,
    on: (endpoint, handle) => register(endpoint, handle as never),
    stream: (endpoint, handle) =>
      register(endpoint, async (asked) => {
        const events = new EventWriter(asked.reply);
        try {
          await handle(asked as never, events);
        } finally {
          events.end();
        }
      }),
  };
}

function read(schema: z.ZodType, value: unknown, part: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const place = path.length === 0 ? part : `${part}: ${path.join('.')}`;
  throw new Refused('BAD_REQUEST', `${place}: ${message}`);
}

/** Gives what went wrong as problem details; undefined for what is the server's own fault. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Refused) return error.problem;
  if (error instanceof TargetError) {
    const { message, position } = error;
    return problem('TARGET_INVALID', 422, message, position === undefined ? {} : { position });
  }
  if (error instanceof ActionError) return problem(error.code, 422, error.message, { wayout: error.wayout });
  if (error instanceof RequestRefused) return problem('BAD_REQUEST', 400, error.message);
  const { statusCode, message, code } = error as { statusCode?: number; message: string; code?: string };
  if (statusCode === undefined || statusCode >= 500) return undefined;
  const names: Readonly<Record<number, ErrorName>> = { 404: 'NOT_FOUND', 413: 'TOO_LARGE', 429: 'TOO_MANY_REQUESTS' };
  return problem(names[statusCode] ?? 'BAD_REQUEST', statusCode, code === undefined ? message : `${message} (${code})`);
}

function problem(code: string, status: number, detail: string, more: Partial<Problem> = {}): Problem {
  return { type: 'about:blank', title: titleOf(code), status, detail, code, ...more };
}
