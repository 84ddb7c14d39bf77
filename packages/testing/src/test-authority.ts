/** A certificate authority that lives as long as a test. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  Pkcs10CertificateRequest,
  type PublicKey,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  /** The CA's certificate, PEM. */
  readonly ca: string;
  /** Issues a certificate: `unit` is `agent`, `platform` or whatever a test wants. Valid for localhost as a server. */
  issue(name: string, unit: string, fleet?: string, lifetime?: Lifetime): Promise<TestCertificate>;
  /** Certifies the key of a request (PKCS #10, PEM). Gives the certificate, PEM; throws when it is not signed with it. */
  certify(request: string, name: string, unit: string): Promise<string>;
}

/** From when until when a certificate is valid. */
export interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const { subtle } = webcrypto;

/** Makes an authority for `fleet`. */
export async function createTestAuthority(fleet: string): Promise<TestAuthority> {
  cryptoProvider.set(webcrypto as never);
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: `CN=test CA, O=${fleet}`,
    keys,
    signingAlgorithm: algorithm,
    ...today(),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    ca: ca.toString('pem'),
    issue: (name, unit, organisation = fleet, lifetime = today()) =>
      issue(ca, keys.privateKey, `CN=${name}, OU=${unit}, O=${organisation}`, lifetime),
    async certify(request, name, unit) {
      const asked = new Pkcs10CertificateRequest(request);
      if (!(await asked.verify())) throw new Error('the request is not signed with its own key');
      const subject = `CN=${name}, OU=${unit}, O=${fleet}`;
      return (await sign(ca, keys.privateKey, subject, asked.publicKey, today())).toString('pem');
    },
  };
}

async function issue(
  ca: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  subject: string,
  lifetime: Lifetime,
): Promise<TestCertificate> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await sign(ca, signingKey, subject, keys.publicKey, lifetime);
  const key = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/g)!.join('\n');
  return { cert: cert.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n` };
}

function sign(
  ca: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  subject: string,
  publicKey: PublicKey | webcrypto.CryptoKey,
  lifetime: Lifetime,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    subject,
    issuer: ca.subject,
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    ...lifetime,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
}

function today(): Lifetime {
  return { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) };
}
