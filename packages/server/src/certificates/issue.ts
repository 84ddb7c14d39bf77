/** Issues X.509 certificates (RFC 5280): the fleet's own CA, servers, the platform's client, agents. */
import 'reflect-metadata';
import { X509Certificate as NodeCertificate, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { FleetName } from '@mig/action';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  type PublicKey,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto as never);

const { subtle } = webcrypto;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;

/** How long certificates are good for, in days. */
export const lifetimes = { ca: 3_650, server: 825, agent: 365 } as const;

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Makes the CA of `fleet`. */
export async function createAuthority(fleet: FleetName): Promise<KeyPair> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: `CN=MIG CA of ${fleet}, O=${fleet}`,
    keys,
    signingAlgorithm: algorithm,
    ...lifetime(lifetimes.ca),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return { cert: cert.toString('pem'), key: await toPem(keys.privateKey) };
}

/** Issues a certificate for a server under `names`, host names and addresses; they serve the API and the broker. */
export function issueServer(authority: KeyPair, fleet: FleetName, names: readonly string[]): Promise<KeyPair> {
  const alternatives = names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
  return issueKeyPair(authority, `CN=${names[0]}, OU=server, O=${fleet}`, [
    new SubjectAlternativeNameExtension(alternatives),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
  ]);
}

/** Issues the certificate that the platform itself connects to the broker with. */
export function issuePlatform(authority: KeyPair, fleet: FleetName): Promise<KeyPair> {
  return issueKeyPair(authority, `CN=platform, OU=platform, O=${fleet}`, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
  ]);
}

/** A request for a certificate that is not granted. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
}

/** Issues an agent's certificate for the public key of `csr` (PKCS #10, PEM). Throws RequestRefused. */
export async function issueAgent(
  authority: KeyPair,
  { fleet, agentId, csr }: { readonly fleet: FleetName; readonly agentId: string; readonly csr: string },
): Promise<string> {
  const request = readRequest(csr);
  requireStrong(request.publicKey);
  if (!(await request.verify())) throw new RequestRefused('the request is not signed with its own key');
  const cert = await issue(authority, `CN=${agentId}, OU=agent, O=${fleet}`, request.publicKey, lifetimes.agent, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
  ]);
  return cert.toString('pem');
}

function readRequest(csr: string): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(csr);
  } catch (cause) {
    throw new RequestRefused('expected a PKCS #10 request in PEM', { cause });
  }
}

function requireStrong({ algorithm: used }: PublicKey): void {
  const { name, namedCurve, modulusLength } = used as { name: string; namedCurve?: string; modulusLength?: number };
  const isStrong =
    (name === 'ECDSA' && /^P-(256|384|521)$/.test(namedCurve ?? '')) ||
    name === 'Ed25519' ||
    (name.startsWith('RSA') && (modulusLength ?? 0) >= 2048);
  if (!isStrong) throw new RequestRefused('expected a key on P-256, P-384, P-521 or Ed25519, or RSA of 2048 bits');
}

type Extensions = ConstructorParameters<typeof BasicConstraintsExtension> extends never ? never : object[];

async function issueKeyPair(authority: KeyPair, subject: string, extensions: Extensions): Promise<KeyPair> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await issue(authority, subject, keys.publicKey, lifetimes.server, extensions);
  return { cert: cert.toString('pem'), key: await toPem(keys.privateKey) };
}

async function issue(
  { cert, key }: KeyPair,
  subject: string,
  publicKey: PublicKey | webcrypto.CryptoKey,
  days: number,
  extensions: Extensions,
): Promise<X509Certificate> {
  const issuer = new X509Certificate(cert);
  const der = Buffer.from(key.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const signingKey = await subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  return X509CertificateGenerator.create({
    subject,
    issuer: issuer.subject,
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    ...lifetime(days),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ...(extensions as never[]),
    ],
  });
}

/** From an hour ago, since clocks differ. */
function lifetime(days: number) {
  return { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + days * day) };
}

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  const text = Buffer.from(await subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${text.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** SHA-256 of a certificate's DER, in lower case hexadecimal: what enrolment tokens end with. */
export function fingerprintOf(cert: string): string {
  return new NodeCertificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
}
