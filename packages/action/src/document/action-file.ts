/**
 * Reads the files that investigators keep: action files of syntax version 2, as people have written them for years,
 * and envelopes that a first investigator has signed.
 *
 * Files that were exported by a program carry the state of an earlier run: id, counters, times, status, signatures. A
 * new action has its own, so these are left out, and a note says so.
 */
import { z } from 'zod';
import { type Envelope, parseEnvelope } from '../envelope/envelope.ts';
import { actionError } from '../errors/refusal.ts';
import { ModuleName } from '../identifiers/names.ts';
import { describeIssues } from '../text/issues.ts';
import { decodeText, parseJsonDocument } from '../text/json-document.ts';
import { longestEnvelopeBytes, mostOperations } from '../text/limits.ts';
import {
  ActionName,
  ActionTarget,
  checkSyntaxVersion,
  Description,
  type Operation,
  OperationParameters,
  Threat,
  Timestamp,
} from './action.ts';
import { inflateParameters } from './inflate-parameters.ts';

/** Keys that describe an earlier run of the action, and that a new run does not take over. */
const keysOfEarlierRun = [
  'id',
  'fleet',
  'status',
  'counters',
  'starttime',
  'finishtime',
  'lastupdatetime',
  'investigators',
  'pgpsignatures',
] as const;

const FileOperation = z.strictObject({
  module: ModuleName,
  parameters: z.union([OperationParameters, z.string()], { error: 'expected an object' }).default({}),
  is_compressed: z.boolean().optional(),
  want_compressed: z.boolean().optional(),
});

const ActionFile = z.strictObject({
  name: ActionName,
  target: ActionTarget,
  validfrom: Timestamp.nullish(),
  expireafter: Timestamp.nullish(),
  operations: z.array(FileOperation).min(1).max(mostOperations),
  description: Description.nullish(),
  threat: Threat.nullish(),
  syntaxversion: z.number().optional(),
});

/** An action that is not signed yet: what `createAction` takes, but for the fleet. */
export interface ActionDraft {
  readonly name: string;
  readonly target: string;
  readonly validfrom?: string | undefined;
  readonly expireafter?: string | undefined;
  readonly operations: readonly Operation[];
  readonly description?: Description | undefined;
  readonly threat?: Threat | undefined;
}

/** What a file held: a draft to sign, with notes on what was left out, or an envelope that somebody signed. */
export type LoadedAction =
  | { readonly kind: 'draft'; readonly draft: ActionDraft; readonly notes: readonly string[] }
  | { readonly kind: 'envelope'; readonly envelope: Envelope };

/**
 * Reads the content of an action file or of an envelope file. Throws an ActionError that says what is wrong with `what`,
 * as the file is called.
 */
export async function loadAction(content: Uint8Array | string, what = 'action file'): Promise<LoadedAction> {
  const text = decodeText(content, what, longestEnvelopeBytes).replace(/^\uFEFF/, '');
  const value = parseJsonDocument(text, what, longestEnvelopeBytes);
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'payloadType')) {
    return { kind: 'envelope', envelope: parseEnvelope(text) };
  }
  checkSyntaxVersion(value, what);
  return { kind: 'draft', ...(await readDraft(value, what)) };
}

async function readDraft(value: unknown, what: string): Promise<{ draft: ActionDraft; notes: readonly string[] }> {
  const { rest, notes } = leaveOutEarlierRun(value);
  const parsed = ActionFile.safeParse(rest);
  if (!parsed.success) {
    throw actionError('DOCUMENT_INVALID', { what, detail: describeIssues(parsed.error.issues, rest) });
  }
  const { name, target, validfrom, expireafter, operations, description, threat } = parsed.data;
  const draft = {
    name,
    target,
    validfrom: timeThatIsSet(validfrom),
    expireafter: timeThatIsSet(expireafter),
    operations: await Promise.all(
      operations.map((operation, i) => readOperation(operation, `${what}: operations[${i}].parameters`)),
    ),
    description: description ?? undefined,
    threat: threat ?? undefined,
  };
  return { draft, notes };
}

function leaveOutEarlierRun(value: unknown): { rest: unknown; notes: readonly string[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { rest: value, notes: [] };
  const rest: Record<string, unknown> = { ...value };
  const dropped = keysOfEarlierRun.filter((key) => Object.hasOwn(rest, key));
  const said = dropped.filter((key) => !isUnset(rest[key]));
  for (const key of dropped) delete rest[key];
  const notes = said.length === 0 ? [] : [`left out what belongs to an earlier run of the action: ${said.join(', ')}`];
  return { rest, notes };
}

async function readOperation(
  { module, parameters, is_compressed: isCompressed }: z.output<typeof FileOperation>,
  what: string,
): Promise<Operation> {
  if (isCompressed === true && typeof parameters === 'string') {
    return { module, parameters: await inflateParameters(parameters, what) };
  }
  if (typeof parameters === 'string' || isCompressed === true) {
    const detail = 'expected an object, or gzip in base64 together with is_compressed';
    throw actionError('DOCUMENT_INVALID', { what, detail });
  }
  return { module, parameters };
}

/** Go writes a time that was never set as year 1. */
function timeThatIsSet(timestamp: string | null | undefined): string | undefined {
  return timestamp === null || timestamp === undefined || timestamp.startsWith('0001-01-01') ? undefined : timestamp;
}

function isUnset(value: unknown): boolean {
  if (value === null || value === undefined || value === 0 || value === '') return true;
  if (typeof value === 'string') return value.startsWith('0001-01-01');
  return typeof value === 'object' && Object.keys(value).length === 0;
}
