/** A new certificate before the old one ends, with a new key. Who asks is proved with the old key. */
import { sign } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { Places } from '../settings/places.ts';
import { writeDurably } from '../state/durable-file.ts';
import { checkCertificate, validityOf } from './certificate-check.ts';
import { createCertificateRequest } from './certificate-request.ts';
import { apiUrl } from './enrol.ts';
import { EnrolmentError } from './enrolment-error.ts';
import type { Enrolment } from './enrolment-file.ts';
import { postJson } from './https-request.ts';

/** The share of a certificate's life after which it is renewed: a third is left for a platform that is away. */
const renewalShare = 2 / 3;

/** Whether it is time to renew `certificate` (PEM). */
export function isRenewalDue(certificate: string, now: Date): boolean {
  const { from, to } = validityOf(certificate);
  return now.getTime() > from.getTime() + (to.getTime() - from.getTime()) * renewalShare;
}

const Answer = z.object({ certificate: z.string() });

/** Key and certificate that belong together, on their way to their two files. */
const Pair = z.object({ key: z.string(), certificate: z.string() });

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
  const pair: z.output<typeof Pair> = { key: privateKey, certificate };
  writeDurably(places.renewal, JSON.stringify(pair));
  finishRenewal(places);
  return { ...enrolment, tls: { ...tls, cert: certificate, key: privateKey } };
}

/** Puts a new key and its certificate in their places. A crash between the two leaves this to be done at the next start. */
export function finishRenewal(places: Places): void {
  if (!existsSync(places.renewal)) return;
  const { key, certificate } = Pair.parse(JSON.parse(readFileSync(places.renewal, 'utf8')));
  writeDurably(places.privateKey, key, 0o600);
  writeDurably(places.certificate, certificate, 0o644);
  rmSync(places.renewal);
}
