/**
 * Every check of an agent before it runs anything, as far as it needs no I/O. Reads as a list of refusals.
 *
 * Nothing in the payload is looked at before all signatures are valid. One that is not, from whoever, refuses the
 * action: an agent does not choose among signatures.
 */
import type { Acl } from '../acl/acl.ts';
import { type AclVerdict, evaluateAcl } from '../acl/evaluate-acl.ts';
import { type Action, parseAction } from '../document/action.ts';
import { type Envelope, parseEnvelope, payloadOf } from '../envelope/envelope.ts';
import { type SignatureVerdict, verifySignatures } from '../envelope/verify-signatures.ts';
import { ActionError, type Refusal, refusal } from '../errors/refusal.ts';
import type { Keyring } from '../keyring/keyring.ts';

/** What an agent knows by itself when an envelope comes. */
export interface VerificationInput {
  /** The envelope as it came: JSON text, its bytes, or the parsed value. */
  readonly envelope: unknown;
  readonly keyring: Keyring;
  readonly acl: Acl;
  readonly now: Date;
  /** The fleet that this agent is of. */
  readonly fleet: string;
  /** Whether an action of this id was received before. The agent remembers ids until the action has expired. */
  readonly seen: (id: string) => boolean | Promise<boolean>;
  /** Modules of this agent. */
  readonly modules: readonly string[];
}

/** Whether one operation may run, under which permission, and if not, why. */
export interface OperationVerdict extends AclVerdict {
  readonly module: string;
}

/**
 * The outcome. `refusals` are of the action as a whole, and with any, `accepted` is false and `operations` is empty.
 * Otherwise `operations` has one verdict for each operation: those that are allowed may run, whatever the others say.
 * `action` is there as soon as its signatures are valid, so that a refusal can name it.
 */
export interface ActionVerdict {
  readonly accepted: boolean;
  readonly action: Action | null;
  readonly signatures: readonly SignatureVerdict[];
  readonly refusals: readonly Refusal[];
  readonly operations: readonly OperationVerdict[];
}

/** Checks an envelope. Never throws for what is in the envelope; an error of `seen` passes through. */
export async function verifyAction(input: VerificationInput): Promise<ActionVerdict> {
  const refused = (refusals: readonly Refusal[], signatures: readonly SignatureVerdict[], action: Action | null) => ({
    accepted: false,
    action,
    signatures,
    refusals,
    operations: [],
  });

  const opened = await openEnvelope(input);
  if (opened.refusals.length > 0) return refused(opened.refusals, opened.signatures, null);

  const { action, refusal: unreadable } = readAction(opened.envelope!);
  if (action === null) return refused([unreadable], opened.signatures, null);

  const refusals = await whyActionRefused(action, input);
  if (refusals.length > 0) return refused(refusals, opened.signatures, action);

  const signers = opened.signatures.map(({ fingerprint }) => fingerprint!);
  const operations = action.operations.map(({ module }) => verifyOperation(module, signers, input));
  return { accepted: true, action, signatures: opened.signatures, refusals: [], operations };
}

interface OpenedEnvelope {
  readonly envelope: Envelope | null;
  readonly signatures: readonly SignatureVerdict[];
  readonly refusals: readonly Refusal[];
}

async function openEnvelope({ envelope: given, keyring, now }: VerificationInput): Promise<OpenedEnvelope> {
  try {
    const envelope = parseEnvelope(given);
    const signatures = await verifySignatures(envelope, keyring, now);
    const refusals = signatures.flatMap(({ reason }) => (reason === null ? [] : [reason]));
    if (signatures.length === 0) refusals.push(refusal('SIGNATURE_MISSING', {}));
    return { envelope, signatures, refusals };
  } catch (error) {
    return { envelope: null, signatures: [], refusals: [refusalOf(error)] };
  }
}

type ReadAction =
  | { readonly action: Action; readonly refusal?: never }
  | { readonly action: null; readonly refusal: Refusal };

function readAction(envelope: Envelope): ReadAction {
  try {
    return { action: parseAction(payloadOf(envelope)) };
  } catch (error) {
    return { action: null, refusal: refusalOf(error) };
  }
}

async function whyActionRefused(
  { id, fleet, validfrom, expireafter }: Action,
  { fleet: ownFleet, now, seen }: VerificationInput,
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  const time = now.getTime();
  if (fleet !== ownFleet) refusals.push(refusal('ACTION_OTHER_FLEET', { value: fleet, expected: ownFleet }));
  if (!(time >= Date.parse(validfrom))) {
    refusals.push(refusal('ACTION_NOT_YET_VALID', { validfrom, now: now.toISOString() }));
  }
  if (!(time < Date.parse(expireafter))) {
    refusals.push(refusal('ACTION_EXPIRED', { expireafter, now: now.toISOString() }));
  }
  if ((await seen(id)) !== false) refusals.push(refusal('ACTION_REPLAYED', { id }));
  return refusals;
}

function verifyOperation(
  module: string,
  signers: readonly string[],
  { acl, modules }: VerificationInput,
): OperationVerdict {
  const verdict = evaluateAcl({ acl, module, signers });
  if (modules.includes(module)) return { module, ...verdict };
  const unknown = refusal('MODULE_UNKNOWN', { module, known: modules.join(', ') || 'none' });
  return { module, ...verdict, allowed: false, refusals: [...verdict.refusals, unknown] };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ActionError) return error.refusal;
  return refusal('ENVELOPE_MALFORMED', { detail: (error as Error).message });
}
