import { createPrivateKey, verify, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUuid } from '@mig/action';
import { createTestAuthority } from '@mig/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { type EnrolmentPlatform, serveEnrolment } from '../testing/enrolment-platform.ts';
import { type EnrolmentWish, type FleetOfOne, withFleetOfOne } from '../testing/fleet-of-one.ts';
import { isRenewalDue } from './renewal.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent();
});
afterAll(() => agent.remove());

/** A test with an endpoint, and a platform where it can enrol. */
const withPlatform =
  (wish: EnrolmentWish, use: (fleet: FleetOfOne, platform: EnrolmentPlatform) => Promise<void>) => () =>
    withFleetOfOne(
      agent,
      async (fleet) => {
        const { authority, broker } = fleet.relay;
        const platform = await serveEnrolment(authority, fleet.relay.fleet, broker.url);
        try {
          await use(fleet, platform);
        } finally {
          await platform.close();
        }
      },
      wish,
    );

async function enrol(fleet: FleetOfOne, words: readonly string[]) {
  const run = fleet.start(['enrol', ...words]);
  return { status: await run.ended, output: run.output() };
}

/** The agent's id, if its files belong together; else what is wrong. */
function identityIn({ places, relay }: FleetOfOne): string {
  const certificate = new X509Certificate(readFileSync(places.certificate));
  if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(places.privateKey)))) return 'another key';
  if (!certificate.verify(new X509Certificate(relay.authority.ca).publicKey)) return 'another CA';
  return /CN=(\S+)/.exec(certificate.subject)![1]!;
}

describe('an endpoint that is not enrolled', () => {
  test(
    'enrols with a token, keeps its key to itself, and is taken in by the relay',
    withPlatform({ isMissing: true }, async (fleet, { url, token, asked }) => {
      const { status, output } = await enrol(fleet, ['--server', url, '--token', token]);
      const [, id] = /^enrolled as agent (\S+) of the fleet testfleet\n$/.exec(output) ?? [];
      expect([status, identityIn(fleet)]).toEqual([0, id]);
      expect(asked.map(({ path }) => path)).toEqual(['/api/v1/enrolments']);
      expect(asked[0]!.body).toMatchObject({ token, introduction: { environment: { os: 'linux' } } });
      expect(JSON.stringify(asked)).not.toContain('PRIVATE KEY');
      expect(statSync(fleet.places.privateKey).mode & 0o777).toBe(0o600);
      fleet.start();
      await fleet.next('hello');
      expect(fleet.heard.find(({ kind }) => kind === 'hello')!.agentId).toBe(id);
      const again = await enrol(fleet, ['--server', url, '--token', token, '--replace']);
      expect([again.status, again.output]).toEqual([1, expect.stringContaining('an agent runs here already')]);
    }),
  );

  test(
    'enrols at its first start as its configuration says, with the token from a file',
    withPlatform({ isMissing: true }, async (fleet, { url, token, asked }) => {
      const file = join(fleet.places.configDirectory, 'token');
      writeFileSync(file, `${token}\n`);
      fleet.configure(`[enrolment]\nserver = "${url}"\ntokenfile = "token"\n`);
      const first = fleet.start();
      await fleet.next('hello');
      first.child.kill('SIGTERM');
      expect(await first.ended).toBe(0);
      fleet.start();
      await expect.poll(() => fleet.heard.filter(({ kind }) => kind === 'hello').length).toBe(2);
      expect(asked).toHaveLength(1);
    }),
  );

  test(
    'sends its token to nobody whose CA is not the one that the token names',
    withPlatform({ isMissing: true }, async (fleet, { token }) => {
      const other = await createTestAuthority('testfleet');
      const impostor = await serveEnrolment(other, 'testfleet', fleet.relay.broker.url);
      const { status, output } = await enrol(fleet, ['--server', impostor.url, '--token', token]);
      await impostor.close();
      expect([status, output]).toEqual([1, expect.stringMatching(/another platform, or somebody is in between\n$/)]);
      expect(impostor.asked).toEqual([]);
      expect(existsSync(fleet.places.enrolment)).toBe(false);
    }),
  );

  test(
    'says why it was refused, and what is wrong with what it was told; then nothing has changed',
    withPlatform({ isMissing: true }, async (fleet, platform) => {
      const { url, token } = platform;
      const other = await createTestAuthority('testfleet');
      const unknown = token.replace('secret', 'guess');
      const said = async (words: readonly string[]) => (await enrol(fleet, words)).output;
      expect(await said(['--server', url, '--token', unknown])).toContain(
        'the platform answered 401: the enrolment token is unknown or was ended',
      );
      expect(await said(['--server', url, '--token', 'secret'])).toContain('expected a secret, a dot and 64');
      expect(await said(['--server', url])).toContain('expected --token-file FILE or --token TOKEN, got neither');
      expect(await said(['--server', url, '--token-file', '/nonexistent'])).toContain(
        "no such file or directory, open '/nonexistent'",
      );
      expect(await said(['--server', 'http://mig.example.net', '--token', token])).toContain(
        'expected a URL such as https://',
      );
      const { cert } = await other.issue(createUuid(), 'agent');
      const stranger = await fleet.relay.authority.issue(createUuid(), 'agent');
      for (const [change, reason] of [
        [(answer: object) => ({ ...answer, certificate: cert }), 'expected it for the key of this agent'],
        [(answer: object) => ({ ...answer, certificate: stranger.cert }), 'expected it for the key of this agent'],
        [(answer: object) => ({ ...answer, agentid: createUuid() }), 'in its subject, got CN='],
        [(answer: object) => ({ ...answer, fleet: 'elsewhere' }), 'expected O=elsewhere in its subject'],
        [(answer: object) => ({ ...answer, certificate: 'none' }), 'expected X.509 in PEM'],
        [() => ({ hello: 'there' }), 'the answer is not that of a platform of MIG'],
      ] as const) {
        platform.answer = change;
        expect(await said(['--server', url, '--token', token])).toContain(reason);
      }
      expect([existsSync(fleet.places.enrolment), existsSync(fleet.places.privateKey)]).toEqual([false, false]);
    }),
  );
});

/** Sees that the agent takes a command; like a platform, it sends that again to an agent that was not there. */
async function expectAnswer(fleet: FleetOfOne) {
  const signed = await fleet.sign([{ module: 'example', parameters: { gethostname: true } }]);
  const id = await fleet.send(signed);
  const answers = () =>
    fleet.heard.flatMap(({ kind, message }) => (kind === 'result' && message.commandid === id ? [message.status] : []));
  await expect
    .poll(
      async () => {
        if (answers().length === 0) await fleet.send(signed, id);
        return answers()[0];
      },
      { interval: 500 },
    )
    .toBe('success');
}

/** A certificate of which more than two thirds are over. */
const old = () => ({ notBefore: new Date(Date.now() - 3 * 3_600_000), notAfter: new Date(Date.now() + 3_600_000) });

describe('a certificate that ends soon', () => {
  const asRenewing = ({ places, agentId, relay }: FleetOfOne, api: string) =>
    writeFileSync(
      places.enrolment,
      JSON.stringify({ agentid: agentId, fleet: relay.fleet, api, relay: [relay.broker.url] }),
    );

  test(
    'is renewed with a new key, by whoever has the old one, and the agent comes back with it',
    withPlatform({ lifetime: old() }, async (fleet, platform) => {
      asRenewing(fleet, platform.url);
      const before = readFileSync(fleet.places.certificate, 'utf8');
      const key = readFileSync(fleet.places.privateKey, 'utf8');
      fleet.start();
      await expect.poll(() => fleet.heard.filter(({ kind }) => kind === 'hello').length).toBeGreaterThan(0);
      await expect.poll(() => readFileSync(fleet.places.certificate, 'utf8')).not.toBe(before);
      expect(identityIn(fleet)).toBe(fleet.agentId);
      expect(readFileSync(fleet.places.privateKey, 'utf8')).not.toBe(key);
      const [{ path, body }] = platform.asked as [(typeof platform.asked)[number]];
      expect([path, body['certificate']]).toEqual(['/api/v1/enrolments/renewal', before]);
      const signature = Buffer.from(body['signature'] as string, 'base64');
      const signer = new X509Certificate(before).publicKey;
      expect(verify('sha256', Buffer.from(body['csr'] as string), signer, signature)).toBe(true);
      // With the new certificate: it still takes commands, and its status says how long it lasts.
      await expectAnswer(fleet);
      const status = fleet.start(['status', '--json']);
      await status.ended;
      const ends = new X509Certificate(readFileSync(fleet.places.certificate)).validTo;
      expect(JSON.parse(status.output())).toMatchObject({ certificateends: new Date(ends).toISOString() });
    }),
  );

  test.each([
    ['rename', 'pending.json.new'],
    ['rename', 'agent.key.new'],
    ['rename', 'agent.crt.new'],
    ['unlink', 'pending.json'],
  ])('leaves an agent that can be started again when it is killed at the %s of %s in its renewal', (call, name) =>
    withPlatform({ lifetime: old() }, async (fleet, platform) => {
      asRenewing(fleet, platform.url);
      // strace(1) kills the process for real when it makes this system call for this file.
      const filter = ['-P', join(fleet.places.configDirectory, name), '-e', `trace=${call}`];
      const inject = ['-e', `inject=${call}:signal=KILL`];
      const first = fleet.start([], ['strace', '-f', '-o', '/dev/null', ...filter, ...inject]);
      expect(await first.ended).toBe('SIGKILL');
      fleet.start();
      await expect.poll(() => fleet.heard.filter(({ kind }) => kind === 'hello').length).toBeGreaterThan(0);
      await expect.poll(() => existsSync(fleet.places.pending)).toBe(false);
      const isOld = () => isRenewalDue(readFileSync(fleet.places.certificate, 'utf8'), new Date());
      await expect.poll(isOld).toBe(false);
      expect(identityIn(fleet)).toBe(fleet.agentId);
      await expectAnswer(fleet);
    })(),
  );

  test(
    'that is not renewed, because the answer is not the right one, stays in use',
    withPlatform({ lifetime: old() }, async (fleet, platform) => {
      asRenewing(fleet, platform.url);
      const stranger = await fleet.relay.authority.issue(createUuid(), 'agent');
      platform.answer = (answer) => ({ ...answer, certificate: stranger.cert });
      const before = readFileSync(fleet.places.certificate, 'utf8');
      const running = fleet.start();
      await expect.poll(() => running.output()).toContain('certificate not renewed, tried again in an hour');
      expect(readFileSync(fleet.places.certificate, 'utf8')).toBe(before);
      await expectAnswer(fleet);
    }),
  );
});
