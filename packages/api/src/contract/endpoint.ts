/** One question of the API: how it is asked, by whom, and what it answers. */
import { z } from 'zod';

/** What an investigator may do: look, launch actions, administrate. */
export const PermissionName = z.enum(['read', 'launch', 'admin']);
export type PermissionName = z.output<typeof PermissionName>;

/** `public` needs no login; `agent` is for agents, which prove themselves in their own way. */
export type Permission = PermissionName | 'public' | 'agent';

/** The events of a stream, by their names. */
export type EventSchemas = Readonly<Record<string, z.ZodType>>;

export interface Endpoint<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  Events extends EventSchemas | undefined = EventSchemas | undefined,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, parameters as `:name`. */
  readonly path: string;
  readonly permission: Permission;
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly response: Response;
  /** Status of success. Default 200; 204 has no body. */
  readonly success?: 200 | 201 | 204;
  /** The response is a stream of these events (server-sent events), each with its schema. */
  readonly events: Events;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of endpoints holds every combination of schemas
export type AnyEndpoint = Endpoint<any, any, any, any, any>;

export type ParamsOf<E extends AnyEndpoint> = z.input<E['params']>;
export type QueryOf<E extends AnyEndpoint> = z.input<E['query']>;
export type BodyOf<E extends AnyEndpoint> = z.input<E['body']>;
export type ResponseOf<E extends AnyEndpoint> = z.output<E['response']>;

const none = z.object({});
const nothing = z.undefined();

/** Declares an endpoint; what is left out is empty. */
export function endpoint<
  Params extends z.ZodObject = typeof none,
  Query extends z.ZodObject = typeof none,
  Body extends z.ZodType = typeof nothing,
  Response extends z.ZodType = typeof nothing,
  Events extends EventSchemas | undefined = undefined,
>(
  declared: Pick<Endpoint, 'method' | 'path' | 'permission' | 'summary' | 'success'> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    readonly response?: Response;
    readonly events?: Events;
  },
): Endpoint<Params, Query, Body, Response, Events> {
  const { params = none, query = none, body = nothing, response = nothing, events, ...rest } = declared;
  return Object.freeze({ ...rest, params, query, body, response, events }) as unknown as Endpoint<
    Params,
    Query,
    Body,
    Response,
    Events
  >;
}
