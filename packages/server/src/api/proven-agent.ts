/** Which agent asks for a new certificate: proved with the old one and its key. A list of refusals. */
import { verify, X509Certificate } from 'node:crypto';
import { type FleetName, Uuid } from '@mig/action';
import { Refused } from './api-context.ts';

export interface Proof {
  /** The old certificate, PEM. */
  readonly certificate: string;
  readonly csr: string;
  /** Of the bytes of `csr`, made with the old key, base64. */
  readonly signature: string;
  /** The CA's certificate, PEM. */
  readonly authority: string;
  readonly fleet: FleetName;
}

/** Gives the agent's id. Throws Refused. */
export function provenAgent({ certificate, csr, signature, authority, fleet }: Proof, now = Date.now()): Uuid {
  const refuse = (detail: string) =>
    new Refused('NOT_AUTHENTICATED', `certificate: ${detail}`, { wayout: 'Enrol the agent again with a token.' });
  const old = parse(certificate);
  if (old === undefined) throw refuse('expected X.509 in PEM');
  const ca = new X509Certificate(authority);
  if (!old.checkIssued(ca) || !old.verify(ca.publicKey)) throw refuse("expected one signed by the platform's CA");
  if (Date.parse(old.validTo) <= now) throw refuse(`it expired at ${new Date(old.validTo).toISOString()}`);
  const subject = old.subject.split('\n');
  for (const part of ['OU=agent', `O=${fleet}`]) {
    if (!subject.includes(part)) throw refuse(`expected ${part} in its subject`);
  }
  const id = Uuid.safeParse(subject.find((part) => part.startsWith('CN='))?.slice(3));
  if (!id.success) throw refuse("expected an agent's id as its name");
  const isSigned = verify(hashFor(old), Buffer.from(csr), old.publicKey, Buffer.from(signature, 'base64'));
  if (!isSigned) throw refuse('the request is not signed with its key');
  return id.data;
}

/** Ed25519 has its own hash. */
function hashFor({ publicKey }: X509Certificate): string | null {
  return publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
