/**
 * The launch of an action. The platform checks what it can, so that a mistake is told at once and not by every agent;
 * agents check again and trust nothing of it. A list of refusals.
 */
import {
  type Action,
  ActionError,
  actionError,
  type Envelope,
  parseAction,
  payloadOf,
  type SignatureVerdict,
  type Uuid,
  verifySignatures,
} from '@mig/action';
import type { Investigator } from '@mig/api';
import { appendAudit } from '../audit/audit-log.ts';
import { findEnvelope, launchAction } from '../database/actions.ts';
import { inTransaction } from '../database/in-turn.ts';
import { allInvestigators } from '../database/investigators.ts';
import { lookAtCommands } from '../database/list-commands.ts';
import { compileTarget } from '../targeting/compile-target.ts';
import { expandTarget } from '../targeting/macros.ts';
import { selectAgents } from '../targeting/select-agents.ts';
import { type ApiContext, type Caller, Refused } from './api-context.ts';

/** So many commands at once that the database should know. */
const many = 1_000;

/**
 * Launches the action in `envelope` for every agent that its target selects, connected or not, and gives its id. The
 * same envelope again changes nothing. Throws Refused, ActionError and TargetError.
 */
export async function launch(context: ApiContext, envelope: Envelope, caller: Caller): Promise<Uuid> {
  const { db } = context.database;
  const signatures = await verifySigners(context, envelope);
  const action = parseAction(payloadOf(envelope));
  if (await isLaunched(context, action.id, envelope)) return action.id;
  requireOpen(context, action);
  const condition = await compileTarget(expandTarget(action.target, []));
  const agents = await selectAgents(db, condition);
  const isNew = await inTransaction(db, async (transaction) => {
    const isFirst = await launchAction(transaction, { action, envelope, signatures, agents });
    if (!isFirst) return false;
    const { id, name, target, operations } = action;
    await appendAudit(transaction, {
      actor: caller.name,
      event: 'action launched',
      subject: id,
      details: {
        name,
        target,
        modules: operations.map(({ module }) => module),
        signers: signatures.map(({ fingerprint }) => fingerprint),
        agents: agents.length,
      },
    });
    return true;
  });
  if (agents.length >= many) {
    lookAtCommands(db).catch((error: Error) => context.log(`api: after the launch of ${action.id}: ${error.message}`));
  }
  // Somebody launched the same id in between.
  if (!isNew) await isLaunched(context, action.id, envelope);
  return action.id;
}

/** Every signature must be of an active investigator who may launch. Gives the signatures with the names of the signers. */
async function verifySigners(context: ApiContext, envelope: Envelope): Promise<readonly SignatureVerdict[]> {
  if (envelope.signatures.length === 0) throw actionError('SIGNATURE_MISSING', {});
  const investigators = await allInvestigators(context.database.db);
  const verdicts = await verifySignatures(envelope, await context.keys.keyringOf(investigators), new Date());
  return verdicts.map((verdict) => {
    if (verdict.reason !== null) throw new ActionError(verdict.reason);
    const signer = investigators.find(({ fingerprint }) => fingerprint === verdict.fingerprint);
    return { ...verdict, investigator: requireSigner(signer).name };
  });
}

function requireSigner(signer: Investigator | undefined): Investigator {
  if (signer === undefined) throw new Refused('ENVELOPE_REFUSED', 'a signature is of nobody whom the platform knows');
  const { name, status, permissions } = signer;
  if (status !== 'active') {
    throw new Refused('ENVELOPE_REFUSED', `a signature is of ${name}, who is disabled`, {
      wayout: 'Have another investigator sign, or an administrator enable this one.',
    });
  }
  if (!permissions.includes('launch')) {
    throw new Refused('ENVELOPE_REFUSED', `a signature is of ${name}, who lacks the permission launch`, {
      wayout: 'Have another investigator sign, or an administrator permit it: mig investigators permit.',
    });
  }
  return signer;
}

function requireOpen({ fleet }: ApiContext, action: Action): void {
  const now = new Date();
  if (action.fleet !== fleet) throw actionError('ACTION_OTHER_FLEET', { value: action.fleet, expected: fleet });
  if (!(now.getTime() < Date.parse(action.expireafter))) {
    throw actionError('ACTION_EXPIRED', { expireafter: action.expireafter, now: now.toISOString() });
  }
}

/**
 * Whether this very action was launched before. Throws Refused when its id is another's, and when it has a signature that
 * it was launched without: agents run an id once, so that signature would change nothing.
 */
async function isLaunched({ database }: ApiContext, id: Uuid, { payload, signatures }: Envelope): Promise<boolean> {
  const known = await findEnvelope(database.db, id);
  if (known === undefined) return false;
  if (known.payload !== payload) {
    throw new Refused('CONFLICT', `there is another action with the id ${id}`, { wayout: 'Sign it with a new id.' });
  }
  if (signatures.every(({ sig }) => known.signatures.some((one) => one.sig === sig))) return true;
  throw new Refused('CONFLICT', `action ${id} was launched already, with other signatures`, {
    wayout: 'Agents run an id once: make the action anew, and launch it when all have signed.',
  });
}
