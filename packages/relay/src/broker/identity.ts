/** Who a client of the broker is: what its certificate says, and nothing else. */
import type { PeerCertificate } from 'node:tls';
import { Uuid } from '@mig/action';

/** The platform, or one agent of the fleet. */
export type BrokerIdentity = { readonly role: 'platform' } | { readonly role: 'agent'; readonly agentId: Uuid };

/**
 * Reads the subject of a certificate that the fleet's CA signed: `O` is the fleet, `OU` is `agent` or `platform`, and
 * the `CN` of an agent is its id. Gives undefined for anything else, another fleet's certificate included.
 */
export function identityOf(subject: PeerCertificate['subject'] | undefined, fleet: string): BrokerIdentity | undefined {
  if (subject === undefined || subject.O !== fleet) return undefined;
  if (subject.OU === 'platform') return { role: 'platform' };
  if (subject.OU !== 'agent') return undefined;
  const agentId = Uuid.safeParse(subject.CN);
  return agentId.success ? { role: 'agent', agentId: agentId.data } : undefined;
}
