import 'reflect-metadata';
import { sign, webcrypto } from 'node:crypto';
import { createUuid } from '@mig/action';
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { expect, test } from 'vitest';
import { createAuthority, issueAgent, lifetimes } from '../certificates/issue.ts';
import { provenAgent } from './proven-agent.ts';

test('a certificate proves its agent until it expires', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create(
    { keys, signingAlgorithm: algorithm },
    webcrypto as never,
  );
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const authority = await createAuthority('lab');
  const csr = request.toString('pem');
  const agentId = createUuid();
  const certificate = await issueAgent(authority, { fleet: 'lab', agentId, csr });
  const signature = sign('sha256', Buffer.from(csr), key).toString('base64');
  const proof = { certificate, csr, signature, authority: authority.cert, fleet: 'lab' };
  const end = Date.now() + lifetimes.agent * 86_400_000;

  expect(provenAgent(proof, end - 60_000)).toBe(agentId);
  expect(() => provenAgent(proof, end + 60_000)).toThrow('it expired at');
});
