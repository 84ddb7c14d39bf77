import { execFileSync } from 'node:child_process';
import { sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUuid, queueLocation } from '@mig/action';
import {
  createEnrolmentToken,
  deleteEnrolmentToken,
  destroyAgent,
  enrol,
  getAgent,
  listAudit,
  listEnrolmentTokens,
  renewEnrolment,
} from '@mig/api';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, fingerprintOf, issueAgent, issuePlatform, issueServer } from '../certificates/issue.ts';
import { introductionOf } from '../testing/introduction-of.ts';
import { refusalOf } from './testing/refusal-of.ts';
import { fleet, startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let client: Awaited<ReturnType<TestApi['login']>>;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-csr-'));
  api = await startTestApi();
  client = await api.login(await api.add('Dana', ['read', 'admin']));
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const tokenWith = (body: object = {}) => client.call(createEnrolmentToken, { body });
const introduction = introductionOf('web1');
const enrolWith = (token: string, csr: string) => api.client().call(enrol, { body: { token, csr, introduction } });

/** A key and a request made by Debian's openssl. */
function request(...words: readonly string[]): { readonly csr: string; readonly key: string } {
  const keyFile = join(folder, `${createUuid()}.key`);
  const kind = words.length === 0 ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : words;
  const csr = execFileSync(
    'openssl',
    ['req', '-new', '-nodes', '-keyout', keyFile, '-subj', '/CN=made up/OU=platform', ...kind],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return { csr, key: execFileSync('cat', [keyFile], { encoding: 'utf8' }) };
}

describe('enrolment', () => {
  test('gives a certificate for the key of the request, under the name that the platform chose', async () => {
    const { token } = await tokenWith({ name: 'web', tags: { team: 'web' } });
    const { csr, key } = request();
    const given = await enrolWith(token, csr);
    writeFileSync(join(folder, 'ca.crt'), given.ca);
    writeFileSync(join(folder, 'agent.crt'), given.certificate);
    const openssl = (...words: string[]) =>
      execFileSync('openssl', words, { encoding: 'utf8', cwd: folder, input: key });

    expect(openssl('verify', '-purpose', 'sslclient', '-CAfile', 'ca.crt', 'agent.crt')).toContain('agent.crt: OK');
    expect(openssl('x509', '-in', 'agent.crt', '-noout', '-subject')).toContain(
      `CN = ${given.agentid}, OU = agent, O = ${fleet}`,
    );
    expect(openssl('x509', '-in', 'agent.crt', '-noout', '-pubkey')).toBe(openssl('pkey', '-pubout'));
    expect(given).toMatchObject({ fleet, ca: api.authority.cert, relay: { urls: ['mqtts://127.0.0.1:8883'] } });
    expect(await client.call(getAgent, { params: { id: given.agentid } })).toMatchObject({
      name: 'web1',
      status: 'offline',
      tags: { team: 'web' },
      queueloc: queueLocation({ os: 'linux', name: 'web1', id: given.agentid }),
    });
    expect((await client.call(listAudit, { query: { limit: 1 } })).items).toMatchObject([
      { actor: `agent ${given.agentid}`, event: 'agent enrolled', subject: given.agentid },
    ]);
  });

  test('works once with a token for one', async () => {
    const { token, id } = await tokenWith({ uses: 1 });
    await enrolWith(token, request().csr);
    const refusal = await refusalOf(enrolWith(token, request().csr));

    expect(refusal).toMatchObject({ status: 401, code: 'NOT_AUTHENTICATED' });
    expect(refusal.problem.detail).toBe('the enrolment token was used up, 1 times');
    const listed = (await client.call(listEnrolmentTokens)).find((one) => one.id === id);
    expect(listed).toMatchObject({ uses: 1, usesleft: 0, createdby: 'Dana' });
    expect(JSON.stringify(listed)).not.toContain(token.split('.')[0]);
  });

  test('of two at once with a token for one lets one in', async () => {
    const { token } = await tokenWith({ uses: 1 });
    const { csr } = request();
    const outcomes = await Promise.allSettled([enrolWith(token, csr), enrolWith(token, csr), enrolWith(token, csr)]);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  test.each([
    [
      'expired',
      async (id: string) =>
        void (await sql`UPDATE enrolment_tokens SET expiretime = now() - interval '1 second' WHERE id = ${id}`.execute(
          api.database.db,
        )),
      'expired at',
    ],
    ['was ended', async (id: string) => client.call(deleteEnrolmentToken, { params: { id } }), 'unknown or was ended'],
  ])('is refused when the token %s', async (_, end, reason) => {
    const { token, id } = await tokenWith();
    await enrolWith(token, request().csr);
    await end(id);

    expect((await refusalOf(enrolWith(token, request().csr))).problem.detail).toContain(reason);
  });

  test('is refused with a token that was made up, or is of another platform', async () => {
    const { token } = await tokenWith();
    const [secret, fingerprint] = token.split('.');
    const other = fingerprintOf((await createAuthority('other')).cert);

    for (const made of [`${'x'.repeat(43)}.${fingerprint}`, `${secret}.${other}`, `${secret}`, 'x', '']) {
      expect((await refusalOf(enrolWith(made, request().csr))).status).toBe(401);
    }
  });

  test('is refused for a request that is not signed with its key, and the token is not used up', async () => {
    const { token, id } = await tokenWith({ uses: 1 });
    const { csr } = request();
    const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 1]! ^= 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    const refusal = await refusalOf(enrolWith(token, forged));

    expect(refusal.problem).toMatchObject({ status: 400, detail: 'the request is not signed with its own key' });
    expect((await client.call(listEnrolmentTokens)).find((one) => one.id === id)).toMatchObject({
      uses: 0,
      usesleft: 1,
    });
    await enrolWith(token, csr);
  });

  test.each([
    ['is none', () => 'x'],
    ['is a certificate', () => api.authority.cert],
    ['has a weak key', () => request('-newkey', 'rsa:1024').csr],
    [
      'has a key on a curve that is not accepted',
      () => request('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1').csr,
    ],
  ])('is refused for a request that %s', async (_, csr) => {
    const { token } = await tokenWith();

    expect((await refusalOf(enrolWith(token, csr()))).status).toBe(400);
  });

  test('is refused with a time that no database can hold, and the token is not used up', async () => {
    const { token } = await tokenWith({ uses: 1 });
    const old = { ...introduction, starttime: '0000-01-01T00:00:00Z' };
    const refusal = await refusalOf(
      api.client().call(enrol, { body: { token, csr: request().csr, introduction: old } }),
    );

    expect(refusal).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    await enrolWith(token, request().csr);
  });

  test('waits for the relay: before it is there, nobody is let in', async () => {
    const early = await startTestApi({ database: api.database, setting: { relayUrls: () => [] } });
    const admin = await early.login(await early.add('Early', ['admin']));
    const { token } = await admin.call(createEnrolmentToken, { body: { uses: 1 } });
    const body = { token, csr: request().csr, introduction };

    expect((await refusalOf(early.client().call(enrol, { body }))).code).toBe('NOT_READY');
    expect((await admin.call(listEnrolmentTokens)).at(-1)).toMatchObject({ usesleft: 1 });
    await early.close();
  });
});

describe('tokens', () => {
  test('are for administrators, and end in the future', async () => {
    const reader = await api.login(await api.add('Rita', ['read', 'launch']));

    expect((await refusalOf(reader.call(createEnrolmentToken, { body: {} }))).code).toBe('NOT_PERMITTED');
    expect((await refusalOf(reader.call(listEnrolmentTokens))).code).toBe('NOT_PERMITTED');
    expect((await refusalOf(tokenWith({ expiretime: '2020-01-01T00:00:00Z' }))).code).toBe('BAD_REQUEST');
    expect((await refusalOf(client.call(deleteEnrolmentToken, { params: { id: createUuid() } }))).code).toBe(
      'NOT_FOUND',
    );
  });
});

describe('renewal', () => {
  const enrolled = async () => {
    const { token } = await tokenWith();
    const { csr, key } = request();
    return { ...(await enrolWith(token, csr)), key };
  };
  const renew = (certificate: string, key: string, csr: string, signedCsr = csr) =>
    api.client().call(renewEnrolment, {
      body: { certificate, csr, signature: sign('sha256', Buffer.from(signedCsr), key).toString('base64') },
    });

  test('gives a certificate for the new key, under the same name', async () => {
    const { agentid, certificate, key } = await enrolled();
    const { csr, key: newKey } = request();
    const renewed = await renew(certificate, key, csr);
    const cert = new X509Certificate(renewed.certificate);

    expect(renewed.agentid).toBe(agentid);
    expect(cert.subject).toContain(`CN=${agentid}`);
    expect(cert.publicKey.export({ type: 'spki', format: 'pem' })).toBe(
      execFileSync('openssl', ['pkey', '-pubout'], { encoding: 'utf8', input: newKey }),
    );
  });

  test('is refused to an agent that was destroyed', async () => {
    const { agentid, certificate, key } = await enrolled();
    await client.call(destroyAgent, { params: { id: agentid } });

    expect(await refusalOf(renew(certificate, key, request().csr))).toMatchObject({
      status: 403,
      code: 'NOT_PERMITTED',
    });
  });

  test.each([
    [
      'another key signed it',
      async () => {
        const { certificate } = await enrolled();
        return renew(certificate, request().key, request().csr);
      },
    ],
    [
      'another request was signed',
      async () => {
        const { certificate, key } = await enrolled();
        return renew(certificate, key, request().csr, request().csr);
      },
    ],
    [
      'the certificate is of another CA',
      async () => {
        const { agentid, key } = await enrolled();
        const other = await createAuthority(fleet);
        const { csr } = request();
        const certificate = await issueAgent(other, { fleet, agentId: agentid, csr });
        return renew(certificate, key, csr);
      },
    ],
    [
      "the certificate is the platform's own",
      async () => {
        const { cert, key } = await issuePlatform(api.authority, fleet);
        return renew(cert, key, request().csr);
      },
    ],
    [
      "the certificate is a server's, named like an agent",
      async () => {
        const { cert, key } = await issueServer(api.authority, fleet, [createUuid()]);
        return renew(cert, key, request().csr);
      },
    ],
    [
      'the certificate is of another fleet of the same CA',
      async () => {
        const { csr, key } = request();
        const certificate = await issueAgent(api.authority, { fleet: 'other', agentId: createUuid(), csr });
        return renew(certificate, key, request().csr);
      },
    ],
    ['the certificate is none', () => renew('x', request().key, request().csr)],
  ])('is refused when %s', async (_, asked) => {
    expect(await refusalOf(asked())).toMatchObject({ status: 401, code: 'NOT_AUTHENTICATED' });
  });

  test('is refused for an agent that the platform never had, with a good certificate', async () => {
    const { csr, key } = request();
    const certificate = await issueAgent(api.authority, { fleet, agentId: createUuid(), csr });

    expect((await refusalOf(renew(certificate, key, csr))).status).toBe(403);
  });

  test('takes Ed25519 keys as well', async () => {
    const { csr, key } = request('-newkey', 'ed25519');
    const { token } = await tokenWith();
    const { certificate, agentid } = await enrolWith(token, csr);
    const signature = sign(null, Buffer.from(csr), key).toString('base64');

    expect((await api.client().call(renewEnrolment, { body: { certificate, csr, signature } })).agentid).toBe(agentid);
  });
});
