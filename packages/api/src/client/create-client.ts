/**
 * The typed client: one `call` for all endpoints, streams that go on where they broke, lists over all their pages.
 *
 * The platform may be of an earlier version (docs/decisions/0019-versions.md): what its answers lack gets the default of
 * its schema. What is not understood even so is refused with the code MALFORMED.
 */
import { describeIssues } from '@mig/action';
import type { z } from 'zod';
import type {
  AnyEndpoint,
  BodyOf,
  Endpoint,
  EventSchemas,
  ParamsOf,
  QueryOf,
  ResponseOf,
} from '../contract/endpoint.ts';
import type { Page } from '../contract/paging.ts';
import { ApiError, Problem } from '../contract/problem.ts';
import { readEvents } from './event-stream.ts';

/** As much of `fetch` as the client uses: the caller decides about certificates and proxies. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal?: AbortSignal },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}>;

export interface ClientOptions {
  /** `https://host:port`, without the path of the API. */
  readonly url: string;
  readonly fetch: Fetch;
  /** Gives the bearer token or API key, at each request; undefined for none. */
  readonly token?: () => Promise<string | undefined> | string | undefined;
}

/** What a request is made of; parts that an endpoint does not have are left out. */
export type Request<E extends AnyEndpoint> = {
  readonly params?: ParamsOf<E>;
  readonly query?: QueryOf<E>;
  readonly body?: BodyOf<E>;
  readonly signal?: AbortSignal;
};

/** An event of `E`, by the name of its kind. */
export type EventOf<E extends AnyEndpoint> =
  E extends Endpoint<infer _P, infer _Q, infer _B, infer _R, infer Events extends EventSchemas>
    ? {
        [Name in keyof Events & string]: {
          readonly event: Name;
          readonly id: string | undefined;
          readonly data: z.output<Events[Name]>;
        };
      }[keyof Events & string]
    : never;

export interface Client {
  /** Asks `endpoint`. Throws ApiError. */
  call<E extends AnyEndpoint>(endpoint: E, request?: Request<E>): Promise<ResponseOf<E>>;
  /** Yields all items of a list, page by page. Throws ApiError. */
  items<E extends AnyEndpoint>(endpoint: E, request?: Request<E>): AsyncGenerator<ItemOf<E>>;
  /**
   * Yields the events of a stream until the server ends it with an `end` event, or `signal` aborts. A connection that
   * breaks is made again from the last cursor; `onBreak` hears of it. Throws ApiError when the platform says no.
   */
  follow<E extends AnyEndpoint>(
    endpoint: E,
    request?: Request<E> & { readonly onBreak?: (reason: string) => void },
  ): AsyncGenerator<EventOf<E>>;
}

type ItemOf<E extends AnyEndpoint> = ResponseOf<E> extends Page<infer Item> ? Item : never;

const base = '/api/v1';
/** Waits between attempts to go on with a stream. */
const pausesMs = [100, 500, 1_000, 2_000, 5_000];

export function createClient(options: ClientOptions): Client {
  const { url, fetch, token } = options;

  async function open<E extends AnyEndpoint>(endpoint: E, request: Request<E>, headers: Record<string, string> = {}) {
    const bearer = await token?.();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const address = `${url.replace(/\/+$/, '')}${base}${pathOf(endpoint, request)}`;
    const response = await fetch(address, {
      method: endpoint.method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(body === undefined ? {} : { body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    }).catch((cause: unknown) => {
      if (request.signal?.aborted) throw cause;
      throw unreachable(url, cause);
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async function call<E extends AnyEndpoint>(endpoint: E, request: Request<E> = {}): Promise<ResponseOf<E>> {
    const response = await open(endpoint, request);
    const text = await response.text();
    if (endpoint.success === 204) return undefined as ResponseOf<E>;
    return understood(endpoint, endpoint.response, readJson(endpoint, text)) as ResponseOf<E>;
  }

  return {
    call,

    async *items(endpoint, request = {}) {
      for (let after: string | undefined; ; ) {
        const query = { ...(request.query as object), ...(after === undefined ? {} : { after }) };
        const page = (await call(endpoint, { ...request, query } as never)) as Page<never>;
        yield* page.items;
        if (page.next === null) return;
        after = page.next;
      }
    },

    async *follow(endpoint, request = {}) {
      let last: string | undefined;
      for (let failures = 0; ; ) {
        try {
          const headers = last === undefined ? {} : { 'last-event-id': last };
          const { body } = await open(endpoint, request as never, { accept: 'text/event-stream', ...headers });
          for await (const { event, id, data } of readEvents(body!)) {
            failures = 0;
            if (id !== undefined) last = id;
            const schema = (endpoint.events as EventSchemas | undefined)?.[event];
            if (schema !== undefined) yield { event, id, data: understood(endpoint, schema, data) } as never;
            if (event === 'end') return;
          }
          request.onBreak?.('the connection ended');
        } catch (error) {
          if (request.signal?.aborted) return;
          // The same would come again.
          if (error instanceof ApiError && (error.code === malformed || (error.status !== 0 && error.status < 500))) {
            throw error;
          }
          request.onBreak?.((error as Error).message);
        }
        await pause(pausesMs[Math.min(failures++, pausesMs.length - 1)]!, request.signal);
        if (request.signal?.aborted) return;
      }
    },
  };
}

const malformed = 'MALFORMED';

/** Gives `value` as `schema` reads it, with defaults for what an earlier version does not answer. Throws ApiError. */
function understood({ method, path }: AnyEndpoint, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const detail = `${method} ${path}: the platform's answer is not understood: ${describeIssues(parsed.error.issues, value)}`;
  throw new ApiError({ ...problem(malformed, 0), detail }, { cause: parsed.error });
}

function readJson({ method, path }: AnyEndpoint, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const detail = `${method} ${path}: expected an answer in JSON, got '${text.slice(0, 80)}'`;
    throw new ApiError({ ...problem(malformed, 0), detail }, { cause });
  }
}

function pathOf<E extends AnyEndpoint>({ path }: E, { params, query }: Request<E>): string {
  const filled = path.replace(/:([a-z]+)/g, (_, name: string) =>
    encodeURIComponent(String((params as Readonly<Record<string, unknown>>)[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as object)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

async function problemOf(response: { readonly status: number; text(): Promise<string> }): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  try {
    return new ApiError(Problem.parse(JSON.parse(text)));
  } catch {
    return new ApiError({ ...problem('UNREADABLE', response.status), detail: text.slice(0, 500) || 'no explanation' });
  }
}

function unreachable(url: string, cause: unknown): ApiError {
  const reason = (cause as { cause?: Error }).cause?.message ?? (cause as Error).message;
  return new ApiError({ ...problem('UNREACHABLE', 0), detail: `${url} cannot be reached: ${reason}` }, { cause });
}

function problem(code: string, status: number): Problem {
  return { type: 'about:blank', title: code, status, code };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
