/** A new key of the agent, and the request to certify it. The library is loaded only then: enrolment is rare. */
import { webcrypto } from 'node:crypto';

export interface KeyAndRequest {
  /** PKCS #8, PEM. It never leaves the endpoint. */
  readonly privateKey: string;
  /** PKCS #10 (RFC 2986), PEM. */
  readonly request: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes both. The platform decides on the subject of the certificate; `name` is only a proposal. */
export async function createCertificateRequest(name: string): Promise<KeyAndRequest> {
  // The library asks for it, and does not bring it.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator, PemConverter } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: [{ CN: [name.slice(0, 64)] }], keys, signingAlgorithm: algorithm },
    webcrypto as never,
  );
  const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { privateKey: `${PemConverter.encode(exported, 'PRIVATE KEY')}\n`, request: request.toString('pem') };
}
