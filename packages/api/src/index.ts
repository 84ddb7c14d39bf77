/**
 * The HTTP contract between the platform and its clients: which questions there are, what goes in and what comes out.
 *
 * `endpoints` lists them all; the server registers each and makes the OpenAPI document from them; `createClient` asks
 * them. Does no I/O of its own: the client is given a `fetch`. Loads in a browser.
 */
export {
  beginningOfAudit,
  describeAudit,
  hashOfAudit,
  readAuditLines,
  textOfAudit,
  verifyAuditChain,
} from './audit/chain.ts';
export { type Client, type ClientOptions, createClient, type EventOf } from './client/create-client.ts';
export { readEvents, type StreamEvent } from './client/event-stream.ts';
export {
  type AnyEndpoint,
  type BodyOf,
  type Endpoint,
  type EventSchemas,
  type ParamsOf,
  type Permission,
  PermissionName,
  type QueryOf,
  type ResponseOf,
} from './contract/endpoint.ts';
export { isList, ndjson, type Page, PageQuery, pageOf } from './contract/paging.ts';
export { ApiError, type ErrorName, errorNames, Problem } from './contract/problem.ts';
export * from './resources/index.ts';
