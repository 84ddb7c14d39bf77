/** Whether the certificate that the platform gave is the one that was asked for. A list of refusals. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { EnrolmentError } from './enrolment-error.ts';

export interface GivenCertificate {
  /** PEM, all three. */
  readonly certificate: string;
  readonly ca: string;
  readonly privateKey: string;
  readonly agentId: string;
  readonly fleet: string;
}

/** Throws EnrolmentError when the certificate is not the agent's, or not by its CA. Gives when it ends. */
export function checkCertificate({ certificate, ca, privateKey, agentId, fleet }: GivenCertificate): Date {
  const refuse = (expected: string) =>
    new EnrolmentError(`the platform's certificate is not the one asked for: ${expected}`);
  const given = parse(certificate);
  const authority = parse(ca);
  if (given === undefined || authority === undefined) throw refuse('expected X.509 in PEM');
  if (!given.checkPrivateKey(createPrivateKey(privateKey))) throw refuse('expected it for the key of this agent');
  if (!given.checkIssued(authority) || !given.verify(authority.publicKey))
    throw refuse("expected it signed by the platform's CA");
  const subject = given.subject.split('\n');
  for (const part of [`CN=${agentId}`, 'OU=agent', `O=${fleet}`]) {
    if (!subject.includes(part)) throw refuse(`expected ${part} in its subject, got ${subject.join(', ')}`);
  }
  return new Date(given.validTo);
}

/** When a certificate begins and ends. */
export function validityOf(certificate: string): { readonly from: Date; readonly to: Date } {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return { from: new Date(validFrom), to: new Date(validTo) };
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
