/** The platform's part of enrolment for a test: an HTTPS server with the two requests of the contract, and its refusals. */
import { verify, X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import { createUuid } from '@mig/action';
import type { TestAuthority } from '@mig/testing';

export interface EnrolmentPlatform {
  readonly url: string;
  /** A token that it takes. */
  readonly token: string;
  /** What came, in order. */
  readonly asked: { readonly path: string; readonly body: Record<string, unknown> }[];
  /** Changes its answers; undefined as before. */
  answer: ((answer: Record<string, unknown>) => object) | undefined;
  close(): Promise<void>;
}

/** Serves `authority` on a free port of loopback. Agents are told of the relay at `relayUrl`. */
export async function serveEnrolment(
  authority: TestAuthority,
  fleet: string,
  relayUrl: string,
): Promise<EnrolmentPlatform> {
  const { cert, key } = await authority.issue('platform', 'server');
  const fingerprint = new X509Certificate(authority.ca).fingerprint256.replaceAll(':', '').toLowerCase();
  const token = `secret.${fingerprint}`;
  const asked: EnrolmentPlatform['asked'] = [];
  const server = createServer({ cert: `${cert.trimEnd()}\n${authority.ca}`, key }, async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const body = JSON.parse(text) as Record<string, string>;
    const path = request.url ?? '';
    asked.push({ path, body });
    const old = body['certificate'] === undefined ? undefined : new X509Certificate(body['certificate']);
    const signature = Buffer.from(body['signature'] ?? '', 'base64');
    const isKnown =
      old === undefined
        ? body['token'] === token
        : verify('sha256', Buffer.from(body['csr']!), old.publicKey, signature);
    if (!isKnown) {
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      return response.end(
        JSON.stringify({ title: 'Unauthorized', detail: 'the enrolment token is unknown or was ended' }),
      );
    }
    const agentid = old === undefined ? createUuid() : /CN=(\S+)/.exec(old.subject)![1]!;
    const certificate = await authority.certify(body['csr']!, agentid, 'agent');
    const answer = { agentid, fleet, certificate, ca: authority.ca, relay: { urls: [relayUrl] } };
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(platform.answer?.(answer) ?? answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const platform: EnrolmentPlatform = {
    url: `https://127.0.0.1:${(server.address() as { readonly port: number }).port}`,
    token,
    asked,
    answer: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return platform;
}
