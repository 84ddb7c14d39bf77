/** Fetches the CA certificate that a platform shows, for a person to compare: it is not trusted by being shown. */
import { createHash } from 'node:crypto';
import { connect } from 'node:tls';

export interface ShownAuthority {
  readonly pem: string;
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly fingerprint: string;
}

/** Gives the last certificate of the chain of `url`. Nothing is sent over the connection. */
export function fetchAuthority(url: string): Promise<ShownAuthority> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, timeout: 10_000 }, () => {
      let certificate = socket.getPeerX509Certificate();
      while (certificate?.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
        certificate = certificate.issuerCertificate;
      }
      socket.destroy();
      if (certificate === undefined) reject(new Error(`${url} showed no certificate`));
      else {
        const fingerprint = createHash('sha256').update(certificate.raw).digest('hex');
        resolve({ pem: certificate.toString(), fingerprint });
      }
    });
    socket.on('timeout', () => socket.destroy(new Error(`${url} did not answer within 10 s`)));
    socket.on('error', (cause) => reject(new Error(`${url} cannot be reached: ${cause.message}`, { cause })));
  });
}
