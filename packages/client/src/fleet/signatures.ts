/** Envelopes that somebody signed: whose signatures they have, the investigator's own, and whether they were launched. */
import { type Envelope, parseAction, payloadOf } from '@mig/action';
import { type ActionSummary, ApiError, getAction, getEnvelope, listInvestigators } from '@mig/api';
import type { Platform } from '../platform/platform.ts';

/** Gives `envelope` with the investigator's signature: as it is, when it has that already. */
export async function withOwnSignature(platform: Platform, envelope: Envelope): Promise<Envelope> {
  const signer = await platform.signer();
  return envelope.signatures.some(({ keyid }) => keyid === signer.fingerprint) ? envelope : signer.sign(envelope);
}

/** Who signed, as `envelope` says it: nothing is verified before the launch. */
export async function signersOf(platform: Platform, envelope: Envelope): Promise<string[]> {
  const names = new Map<string, string>();
  for await (const { fingerprint, name } of platform.items(listInvestigators)) names.set(fingerprint, name);
  return envelope.signatures.map(
    ({ keyid = '' }) => `${names.get(keyid) ?? 'nobody whom the platform knows'} ${keyid}`,
  );
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
