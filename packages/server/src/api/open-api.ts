/** The OpenAPI document (version 3.1), made from the contract. */
import {
  Agent,
  AgentIntroduction,
  Envelope,
  Environment,
  Operation,
  OperationParameters,
  OperationResult,
} from '@mig/action';
import {
  ActionSummary,
  Alert,
  type AnyEndpoint,
  ApiKey,
  AuditEntry,
  CommandItem,
  Counters,
  EnrolmentToken,
  type EventSchemas,
  endpoints,
  Investigator,
  isList,
  Macro,
  ndjson,
  Problem,
} from '@mig/api';
import { z } from 'zod';
import { titleOf } from './api-context.ts';
import { problemType } from './problems.ts';

type Json = Readonly<Record<string, unknown>>;

/** What has a name of its own in the document. */
const named = {
  ActionSummary,
  Agent,
  AgentIntroduction,
  Alert,
  ApiKey,
  AuditEntry,
  CommandItem,
  Counters,
  EnrolmentToken,
  Environment,
  Envelope,
  Investigator,
  Macro,
  Operation,
  OperationResult,
  Problem,
} as const;

/** Makes the document for this `version` of the platform. */
export function openApiDocument(version: string): Json {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const path = `/api/v1${endpoint.path.replace(/:([a-z]+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint, schemas) };
  }
  const problem = schemas.of(Problem, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'MIG',
      version,
      description: 'The platform of MIG as investigators, programs and agents reach it.',
      license: { name: 'MPL-2.0', identifier: 'MPL-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: "A session's token, or an API key." },
      },
      responses: {
        Problem: {
          description: 'Refused or failed: problem details (RFC 9457).',
          content: { [problemType]: { schema: problem } },
        },
      },
      schemas: schemas.found,
    },
  };
}

function operation(name: string, endpoint: AnyEndpoint, schemas: Schemas): Json {
  const { permission, summary, success = 200 } = endpoint;
  const parameters = [
    ...parametersOf(endpoint.params as z.ZodObject, 'path', schemas),
    ...parametersOf(endpoint.query as z.ZodObject, 'query', schemas),
    ...(endpoint.events === undefined ? [] : [lastEventId]),
  ];
  const isOpen = permission === 'public' || permission === 'agent';
  return {
    operationId: name,
    tags: [tagOf(endpoint)],
    summary,
    description: isOpen ? 'Needs no login.' : `Needs the permission \`${permission}\`.`,
    ...(isOpen ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(endpoint, schemas),
    responses: {
      [success]: responseOf(endpoint, schemas),
      '4XX': { $ref: '#/components/responses/Problem' },
      '5XX': { $ref: '#/components/responses/Problem' },
    },
  };
}

const lastEventId: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was taken, to go on from there.',
  schema: { type: 'string' },
};

function parametersOf(schema: z.ZodObject, place: 'path' | 'query', schemas: Schemas): readonly Json[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...written } = schemas.of(field as z.ZodType, 'input');
    const isRequired = place === 'path' || !z.safeParse(field as z.ZodType, undefined).success;
    return {
      name,
      in: place,
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      schema: written,
    };
  });
}

function bodyOf({ body }: AnyEndpoint, schemas: Schemas): Json {
  if (body instanceof z.ZodUndefined) return {};
  return { requestBody: { required: true, content: { 'application/json': { schema: schemas.of(body, 'input') } } } };
}

function responseOf(endpoint: AnyEndpoint, schemas: Schemas): Json {
  const { success = 200, events, response } = endpoint;
  if (success === 204) return { description: titleOf('DONE') };
  if (events !== undefined) {
    const oneOf = Object.entries(events as EventSchemas).map(([name, schema]) => ({
      title: name,
      ...schemas.of(schema, 'output'),
    }));
    const description = `Server-sent events, each with one of these as data: ${Object.keys(events as EventSchemas).join(', ')}.`;
    return { description, content: { 'text/event-stream': { schema: oneOf.length === 1 ? oneOf[0] : { oneOf } } } };
  }
  const content = { 'application/json': { schema: schemas.of(response, 'output') } };
  if (!isList(endpoint)) return { description: 'Success.', content };
  const item = (response as z.ZodReadonly<z.ZodObject<{ items: z.ZodReadonly<z.ZodArray<z.ZodType>> }>>).unwrap().shape
    .items;
  return {
    description: 'One page; or all from there on, one item a line.',
    content: { ...content, [ndjson]: { schema: schemas.of(item.unwrap().element, 'output') } },
  };
}

function tagOf({ path }: AnyEndpoint): string {
  return path.split('/')[1]!;
}

/** Writes schemas, those with a name once. */
class Schemas {
  readonly found: Record<string, Json> = {};
  readonly #names = z.registry<{ id: string }>();

  constructor() {
    for (const [id, schema] of Object.entries(named)) this.#names.add(schema, { id });
  }

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      $defs = {},
      ...written
    } = z.toJSONSchema(schema, {
      io,
      metadata: this.#names,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        if (zodSchema === OperationParameters) Object.assign(jsonSchema, { type: 'object' });
        const known = zodSchema as unknown as z.ZodType;
        if (known.description !== undefined) jsonSchema.description = known.description;
        simplify(jsonSchema, known);
      },
    }) as Json & { readonly $defs?: Readonly<Record<string, Json>> };
    const name = this.#names.get(schema)?.id;
    for (const [id, { id: _id, ...definition }] of Object.entries($defs)) this.#keep(id, definition);
    if (name === undefined) return relocated(written);
    const { id: _id, ...own } = written as Json & { readonly id?: string };
    this.#keep(name, own);
    return { $ref: `#/components/schemas/${name}` };
  }

  #keep(id: string, definition: Json): void {
    this.found[id] ??= relocated(definition);
  }
}

/** Leaves out what says nothing to readers of the document, or something else than in zod. */
function simplify(written: z.core.JSONSchema.BaseSchema, schema: z.ZodType): void {
  // In OpenAPI, what is read-only is not sent; in zod it is not changed.
  delete written.readOnly;
  if (written.format !== undefined) delete written.pattern;
  if (written.maximum === Number.MAX_SAFE_INTEGER) delete written.maximum;
  if (written.minimum === Number.MIN_SAFE_INTEGER) delete written.minimum;
  // A later version may add a field; only what people write is taken at its word.
  if (schema instanceof z.ZodObject && schema.def.catchall === undefined) delete written.additionalProperties;
}

/** With references to where an OpenAPI document keeps its schemas. */
function relocated(schema: Json): Json {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === '$ref' ? String(value).replace('#/$defs/', '#/components/schemas/') : value,
    ),
  ) as Json;
}
