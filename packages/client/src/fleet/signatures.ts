/** Envelopes that somebody signed: whose signatures they have, the investigator's own, and whether they were launched. */
import { type Action, type Envelope, parseAction, payloadOf, readKeyring, verifySignatures } from '@mig/action';
import { type ActionSummary, ApiError, getAction, getEnvelope, type Investigator, listInvestigators } from '@mig/api';
import type { Platform } from '../platform/platform.ts';

/** Throws when `action` is for another fleet than that of the platform. */
export async function requireFleet(platform: Platform, action: Pick<Action, 'fleet'>): Promise<void> {
  const fleet = await platform.fleet();
  if (action.fleet === fleet) return;
  throw new Error(
    `the action is for the fleet '${action.fleet}', and ${platform.url} is of '${fleet}': nothing was signed`,
  );
}

/** Gives `envelope` with the investigator's signature: as it is, when it has that already. */
export async function withOwnSignature(platform: Platform, envelope: Envelope): Promise<Envelope> {
  const signer = await platform.signer();
  return envelope.signatures.some(({ keyid }) => keyid === signer.fingerprint) ? envelope : signer.sign(envelope);
}

/** Lines about the signatures of `envelope`, verified with the keys that the platform knows. */
export async function describeSignatures(platform: Platform, envelope: Envelope): Promise<string[]> {
  const known: Investigator[] = [];
  for await (const one of platform.items(listInvestigators)) known.push(one);
  const keyring = await readKeyring(known.map(({ publickey }) => publickey));
  return (await verifySignatures(envelope, keyring, new Date())).map(({ fingerprint, reason }) => {
    if (reason !== null) return `not validly signed: ${reason.message}`;
    return `signed by ${known.find((one) => one.fingerprint === fingerprint)?.name ?? ''} ${fingerprint}`;
  });
}

/**
 * Gives the action that `envelope` launched before; undefined when it did not. Throws when it was launched with fewer
 * signatures than it has now: agents run an id once, so the new ones would change nothing.
 */
export async function launchedBefore(platform: Platform, envelope: Envelope): Promise<ActionSummary | undefined> {
  const { id } = parseAction(payloadOf(envelope));
  const known = await platform.call(getAction, { params: { id } }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
  if (known === undefined) return undefined;
  const { signatures } = await platform.call(getEnvelope, { params: { id } });
  if (envelope.signatures.every(({ sig }) => signatures.some((one) => one.sig === sig))) return known;
  const names = known.investigators.map(({ name }) => name).join(', ');
  throw new Error(
    `action ${id} was launched already, at ${known.launchtime}, with the signatures of ${names}; agents run it once: make it anew with -s, and launch it when all have signed`,
  );
}
