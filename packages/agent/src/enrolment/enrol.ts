/**
 * Enrolment: an agent shows its token and gets a certificate of its own, once. It first makes sure that it talks to the
 * platform that the token is of; the token and the introduction are sent to nobody else.
 */
import { mkdirSync } from 'node:fs';
import { type AgentIntroduction, createUuid, FleetName, Uuid } from '@mig/action';
import { z } from 'zod';
import type { Places } from '../settings/places.ts';
import { checkCertificate } from './certificate-check.ts';
import { createCertificateRequest } from './certificate-request.ts';
import { EnrolmentError } from './enrolment-error.ts';
import type { EnrolmentFile } from './enrolment-file.ts';
import { postJson } from './https-request.ts';
import { putIdentity } from './identity-files.ts';
import { pinnedAuthority } from './pinned-authority.ts';
import { parseToken } from './token.ts';

export interface EnrolmentOrder {
  readonly server: string;
  readonly token: string;
  /** Empty for none. */
  readonly proxy: string;
  /** What the agent says of itself, for an id; the platform chooses the real one. */
  readonly introduce: (agentId: string) => AgentIntroduction;
}

/** The platform's answer to POST /api/v1/enrolments. */
const Answer = z.object({
  agentid: Uuid,
  certificate: z.string(),
  ca: z.string(),
  fleet: FleetName,
  relay: z.object({ urls: z.array(z.string()).min(1) }),
});

/** Enrols, and writes key, certificate, CA and enrolment file. Throws EnrolmentError; then nothing has changed. */
export async function enrol(order: EnrolmentOrder, places: Places): Promise<EnrolmentFile> {
  const token = parseToken(order.token);
  const url = apiUrl(order.server, '/api/v1/enrolments');
  const ca = await pinnedAuthority(url, token.fingerprint, order.proxy);
  const introduction = order.introduce(createUuid());
  const { privateKey, request } = await createCertificateRequest(introduction.name);
  const answer = Answer.safeParse(
    await postJson(url, { token: token.text, csr: request, introduction }, { ca }, order.proxy),
  );
  if (!answer.success) throw new EnrolmentError(`${url.origin}: the answer is not that of a platform of MIG`);
  const { agentid, certificate, fleet, relay } = answer.data;
  checkCertificate({ certificate, ca, privateKey, agentId: agentid, fleet });
  const file: EnrolmentFile = { agentid, fleet, api: url.origin, relay: relay.urls };
  mkdirSync(places.configDirectory, { recursive: true, mode: 0o755 });
  putIdentity({ key: privateKey, certificate, ca, enrolment: `${JSON.stringify(file, null, 2)}\n` }, places);
  return file;
}

/** The address of `path` at the API. Throws EnrolmentError when `server` is none. */
export function apiUrl(server: string, path: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(server);
  } catch {
    url = undefined;
  }
  if (url?.protocol === 'https:') return new URL(path, url.origin);
  throw new EnrolmentError(`server: expected a URL such as https://mig.example.net:8443, got '${server}'`);
}
