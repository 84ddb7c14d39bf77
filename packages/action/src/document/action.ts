/**
 * The action document: what an investigator signs, and what every agent reads back from the signed bytes.
 *
 * Its keys are written in the order of the schema. There is no compression of parameters inside the document: what is
 * signed can be read by whoever is asked to sign it as well. Whoever carries it may compress the carrier.
 */
import { z } from 'zod';
import { actionError } from '../errors/refusal.ts';
import { FleetName, ModuleName } from '../identifiers/names.ts';
import { Uuid } from '../identifiers/uuid.ts';
import { describeIssues } from '../text/issues.ts';
import { parseSignedDocument } from '../text/json-document.ts';
import { longestActionBytes, longestWindowMs, mostOperations } from '../text/limits.ts';

/** Media type of a signed action, in the envelope's `payloadType`. */
export const actionPayloadType = 'application/vnd.mig.action+json';

/** The one version of the syntax of actions that is read and written. */
export const actionSyntaxVersion = 2;

const shortText = z.string().max(1024);

/** A time in RFC 3339 with its offset from UTC. */
export const Timestamp = z.iso
  .datetime({ offset: true })
  // PostgreSQL takes no longer one, whatever its fraction of a second.
  .max(64)
  .refine(
    (text) => !/^0000|[+-](1[6-9]|2\d):\d\d$/.test(text),
    'expected a time of year 1 or later, and an offset below 16 hours',
  );

/** Who wrote an action, and which revision it is (a number that grows, by custom `YYYYMMDDhhmm`). */
export const Description = z
  .strictObject({
    author: shortText.optional(),
    email: shortText.optional(),
    url: shortText.optional(),
    revision: z.number().optional(),
  })
  .readonly();
export type Description = z.output<typeof Description>;

/** The threat that an action looks for: a reference, a level, a family and a type, in the words of the investigator. */
export const Threat = z
  .strictObject({
    ref: shortText.optional(),
    level: shortText.optional(),
    family: shortText.optional(),
    type: shortText.optional(),
  })
  .readonly();
export type Threat = z.output<typeof Threat>;

/** Parameters are the module's business: any object. The agent validates them with the module's own schema. */
export const OperationParameters = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'expected an object' },
);

/** One module, and what it is asked. */
export const Operation = z.strictObject({ module: ModuleName, parameters: OperationParameters }).readonly();
export type Operation = z.output<typeof Operation>;

/** What an action is called, in a list of actions. */
export const ActionName = z.string().min(1).max(255);

/** The condition that selects agents. The platform parses it; agents carry it along. */
export const ActionTarget = z
  .string()
  .min(1)
  .max(64 * 1024);

/** The operations of an action, in the order in which an agent answers them. */
export const Operations = z.array(Operation).min(1).max(mostOperations).readonly();

/** An action as it is signed. Unknown keys are refused: nobody signs what the agent would not read. */
export const Action = z
  .strictObject({
    id: Uuid,
    fleet: FleetName,
    name: ActionName,
    target: ActionTarget,
    validfrom: Timestamp,
    expireafter: Timestamp,
    operations: Operations,
    description: Description.optional(),
    threat: Threat.optional(),
    syntaxversion: z.literal(actionSyntaxVersion),
  })
  .readonly();
export type Action = z.output<typeof Action>;

/** Reads the payload of an envelope. Throws an ActionError that names what is wrong. */
export function parseAction(payload: Uint8Array | string): Action {
  const value = parseSignedDocument(payload, 'action', longestActionBytes);
  checkSyntaxVersion(value, 'action');
  return checkAction(value);
}

/** Checks a value against the schema and the rules across fields. Throws DOCUMENT_INVALID or ACTION_WINDOW_INVALID. */
export function checkAction(value: unknown): Action {
  const parsed = Action.safeParse(value);
  if (!parsed.success) {
    throw actionError('DOCUMENT_INVALID', { what: 'action', detail: describeIssues(parsed.error.issues, value) });
  }
  checkWindow(parsed.data);
  return parsed.data;
}

/** Writes `action` as the bytes to sign. Throws TEXT_TOO_LARGE when they are too many. */
export function encodeAction(action: Action): Uint8Array<ArrayBuffer> {
  const { id, fleet, name, target, validfrom, expireafter, operations, description, threat, syntaxversion } = action;
  const bytes = new TextEncoder().encode(
    JSON.stringify({
      id,
      fleet,
      name,
      target,
      validfrom,
      expireafter,
      operations,
      description,
      threat,
      syntaxversion,
    }),
  );
  if (bytes.length > longestActionBytes) {
    throw actionError('TEXT_TOO_LARGE', { what: 'action', bytes: bytes.length, limit: longestActionBytes });
  }
  return bytes;
}

/** Refuses another version of the syntax by name, before the schema would complain of fields. */
export function checkSyntaxVersion(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'syntaxversion')) return;
  const { syntaxversion } = value as { readonly syntaxversion: unknown };
  if (syntaxversion !== actionSyntaxVersion) {
    throw actionError('ACTION_SYNTAX_UNKNOWN', { what, value: JSON.stringify(syntaxversion) ?? 'nothing' });
  }
}

function checkWindow({ validfrom, expireafter }: Action): void {
  const windowMs = Date.parse(expireafter) - Date.parse(validfrom);
  if (!(windowMs > 0)) {
    throw actionError('ACTION_WINDOW_INVALID', { validfrom, expireafter, detail: 'it ends before it begins' });
  }
  if (windowMs > longestWindowMs) {
    const detail = `it is longer than ${longestWindowMs / 24 / 3600e3} days`;
    throw actionError('ACTION_WINDOW_INVALID', { validfrom, expireafter, detail });
  }
}
