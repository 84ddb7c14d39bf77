/** Gets the CA certificate that a token names from the platform itself, so that the token is all that has to be carried. */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { EnrolmentError } from './enrolment-error.ts';
import { withUntrustedSocket } from './https-request.ts';

/**
 * Gives the CA certificate (PEM) of the platform at `url`, if it is the one with `fingerprint` (SHA-256 of its DER).
 * Nothing is sent; whoever uses the certificate still has to verify the chain and the name with it. Throws
 * EnrolmentError when the platform shows other certificates.
 */
export function pinnedAuthority(url: URL, fingerprint: string, proxy: string): Promise<string> {
  return withUntrustedSocket(url, proxy, (socket) => {
    const shown = chainOf(socket);
    const authority = shown.find((certificate) => sha256Of(certificate) === fingerprint);
    if (authority?.ca) return authority.toString();
    throw new EnrolmentError(
      `${url.origin} shows certificates with the fingerprints ${shown.map(sha256Of).join(', ')}, and the token is for a CA with ${fingerprint}: this is another platform, or somebody is in between`,
    );
  });
}

function sha256Of({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (current?.raw !== undefined && chain.length < 10) {
    chain.push(new X509Certificate(current.raw));
    // A certificate that signed itself is its own issuer (tls.TLSSocket.getPeerCertificate).
    current = current.issuerCertificate === current ? undefined : current.issuerCertificate;
  }
  return chain;
}
