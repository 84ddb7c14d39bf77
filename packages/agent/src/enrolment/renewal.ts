/** A new certificate before the old one ends, with a new key. Who asks is proved with the old key. */
import { sign } from 'node:crypto';
import { z } from 'zod';
import type { Places } from '../settings/places.ts';
import { checkCertificate, validityOf } from './certificate-check.ts';
import { createCertificateRequest } from './certificate-request.ts';
import { apiUrl } from './enrol.ts';
import { EnrolmentError } from './enrolment-error.ts';
import type { Enrolment } from './enrolment-file.ts';
import { postJson } from './https-request.ts';
import { putIdentity } from './identity-files.ts';

/** The share of a certificate's life after which it is renewed: a third is left for a platform that is away. */
const renewalShare = 2 / 3;

/** Whether it is time to renew `certificate` (PEM). */
export function isRenewalDue(certificate: string, now: Date): boolean {
  const { from, to } = validityOf(certificate);
  return now.getTime() > from.getTime() + (to.getTime() - from.getTime()) * renewalShare;
}

const Answer = z.object({ certificate: z.string() });

/** Renews the certificate, and gives the enrolment as it is then. Throws EnrolmentError; then nothing has changed. */
export async function renew(enrolment: Enrolment, places: Places, proxy: string): Promise<Enrolment> {
  const { agentid: agentId, fleet, api, tls } = enrolment;
  const url = apiUrl(api, '/api/v1/enrolments/renewal');
  const { privateKey, request: csr } = await createCertificateRequest(agentId);
  const signature = sign('sha256', Buffer.from(csr), tls.key).toString('base64');
  const answer = Answer.safeParse(
    await postJson(url, { certificate: tls.cert, csr, signature }, { ca: tls.ca }, proxy),
  );
  if (!answer.success) throw new EnrolmentError(`${url.origin}: the answer is not that of a platform of MIG`);
  const { certificate } = answer.data;
  checkCertificate({ certificate, ca: tls.ca, privateKey, agentId, fleet });
  putIdentity({ key: privateKey, certificate }, places);
  return { ...enrolment, tls: { ...tls, cert: certificate, key: privateKey } };
}
