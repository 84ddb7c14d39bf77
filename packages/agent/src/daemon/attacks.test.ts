/** Attacks on an agent. Each is told apart from its sound twin by one flaw, and the twin runs. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type CreatedKey,
  createAction,
  createEnvelope,
  createKey,
  createUuid,
  type Envelope,
  encodeAction,
  payloadOf,
  signEnvelope,
} from '@mig/action';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltAgent, buildAgent } from '../testing/built-agent.ts';
import { type CountedRuns, withCountedRuns } from '../testing/counted-runs.ts';
import { type FleetOfOne, passphrase, withFleetOfOne } from '../testing/fleet-of-one.ts';
import { withStartedAgent } from '../testing/with-started-agent.ts';

let agent: BuiltAgent;
beforeAll(async () => {
  agent = await buildAgent();
});
afterAll(() => agent.remove());

const withAgent = (use: Parameters<typeof withStartedAgent>[1]) => withStartedAgent(() => agent, use);

interface Signed {
  readonly id: string;
  readonly envelope: Envelope;
}

/** Sends it, and gives the codes of what was refused; `null` for the whole action, else the number of the operation. */
async function codesOf(fleet: FleetOfOne, signed: Signed) {
  const id = await fleet.send(signed);
  const { refusals } = await fleet.next('result', ({ commandid }) => commandid === id);
  return refusals.map(({ operation, code }) => [operation, code]);
}

/** Sends both: the flawed one is refused and nothing of it runs, the sound one runs. */
async function expectFlaw(fleet: FleetOfOne, runs: CountedRuns, flawed: Signed, code: string, sound: Signed) {
  const before = runs.count;
  expect(await codesOf(fleet, flawed)).toEqual([[null, code]]);
  expect(runs.count).toBe(before);
  expect(await codesOf(fleet, sound)).toEqual([]);
  expect(runs.count).toBe(before + 1);
}

/** An action as `fleet.sign` makes it, without a signature. */
function unsignedOf({ relay }: FleetOfOne, runs: CountedRuns): Signed {
  const operations = [runs.operation(0.01)];
  const action = createAction({ fleet: relay.fleet, name: 'a question', target: 'all', operations });
  return { id: action.id, envelope: createEnvelope(encodeAction(action)) };
}

const aMinuteAgo = () => new Date(Date.now() - 60_000);

/** Another investigator, whose key is put on the endpoint; as the access list has it, with `weight`. */
async function withErin(fleet: FleetOfOne, minimumweight: number, weight = 1) {
  const erin = await createKey({ name: 'Erin', passphrase, now: aMinuteAgo() });
  writeFileSync(join(fleet.places.keys, 'erin.asc'), erin.publicKey);
  const investigators = {
    Dana: { fingerprint: fleet.investigator.fingerprint, weight: 1 },
    Erin: { fingerprint: erin.fingerprint, weight },
  };
  writeFileSync(fleet.places.acl, JSON.stringify({ default: { minimumweight, investigators } }));
  const sign = async ({ id, envelope }: Signed): Promise<Signed> => ({
    id,
    envelope: await signEnvelope(envelope, { privateKey: erin.privateKey, passphrase }),
  });
  return { erin, sign };
}

/** The public key as Debian's gpg exports it once it has imported the revocation. */
function revoked({ fingerprint, publicKey, revocation }: CreatedKey): string {
  const home = mkdtempSync(join(tmpdir(), 'mig-gpg-'));
  const gpg = (words: readonly string[], input = '') =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...words], { input, encoding: 'utf8' });
  gpg(['--import'], publicKey);
  gpg(['--import'], revocation);
  const exported = gpg(['--armor', '--export', fingerprint]);
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true });
  return exported;
}

describe('an agent refuses an action', () => {
  test(
    'whose signed bytes were changed by one, in payload or signature',
    withAgent(async (fleet, runs) => {
      const sound = await fleet.sign([runs.operation(0.01)], { name: 'a question' });
      const bytes = Buffer.from(payloadOf(sound.envelope));
      bytes[bytes.indexOf('question')] = 'Q'.charCodeAt(0);
      const renamed = { ...sound.envelope, payload: bytes.toString('base64') };
      const [signature] = sound.envelope.signatures;
      const sig = Buffer.from(signature!.sig, 'base64');
      sig[sig.length - 1]! ^= 1;
      const resigned = { ...sound.envelope, signatures: [{ ...signature!, sig: sig.toString('base64') }] };
      expect(await codesOf(fleet, { ...sound, envelope: resigned })).toEqual([[null, 'SIGNATURE_INVALID']]);
      await expectFlaw(fleet, runs, { ...sound, envelope: renamed }, 'SIGNATURE_INVALID', sound);
    }),
  );

  test(
    'by a key that was revoked, from the moment that the revocation is on the endpoint',
    withAgent(async (fleet, runs) => {
      const { erin, sign } = await withErin(fleet, 1);
      expect(await codesOf(fleet, await sign(unsignedOf(fleet, runs)))).toEqual([]);
      writeFileSync(join(fleet.places.keys, 'erin-revoked.asc'), revoked(erin));
      const flawed = await sign(unsignedOf(fleet, runs));
      rmSync(join(fleet.places.keys, 'erin.asc'));
      await expectFlaw(fleet, runs, flawed, 'KEY_REVOKED', await fleet.sign([runs.operation(0.01)]));
    }),
  );

  test(
    'by a key that has expired, though it had not when it signed',
    withAgent(async (fleet, runs) => {
      const day = 86_400_000;
      const yesterday = new Date(Date.now() - 2 * day);
      const keys = await Promise.all(
        [day, 3 * day].map((expiresAfterMs) => createKey({ name: 'Erin', passphrase, now: yesterday, expiresAfterMs })),
      );
      const investigators = Object.fromEntries(
        keys.map(({ fingerprint }, i) => [`Erin ${i}`, { fingerprint, weight: 1 }]),
      );
      writeFileSync(fleet.places.acl, JSON.stringify({ default: { minimumweight: 1, investigators } }));
      for (const [i, { publicKey }] of keys.entries())
        writeFileSync(join(fleet.places.keys, `erin${i}.asc`), publicKey);
      const [flawed, sound] = await Promise.all(
        keys.map(async ({ privateKey }): Promise<Signed> => {
          const { id, envelope } = unsignedOf(fleet, runs);
          const now = new Date(yesterday.getTime() + 3_600_000);
          return { id, envelope: await signEnvelope(envelope, { privateKey, passphrase, now }) };
        }),
      );
      await expectFlaw(fleet, runs, flawed!, 'KEY_EXPIRED', sound!);
    }),
  );

  test(
    'that carries the same signer twice, where two are needed',
    withAgent(async (fleet, runs) => {
      const { sign } = await withErin(fleet, 2);
      const once = await fleet.sign([runs.operation(0.01)]);
      // A second signature of the same person over the same action, which our own signing refuses to make.
      const other = await signEnvelope(
        { ...once.envelope, signatures: [] },
        {
          privateKey: fleet.investigator.privateKey,
          passphrase,
        },
      );
      const signatures = [...once.envelope.signatures, ...other.signatures];
      const flawed = { ...once, envelope: { ...once.envelope, signatures } };
      await expectFlaw(fleet, runs, flawed, 'SIGNER_REPEATED', await sign(once));
    }),
  );

  test(
    'of a syntax version that it does not know',
    withAgent(async (fleet, runs) => {
      const sound = unsignedOf(fleet, runs);
      const action = JSON.parse(Buffer.from(payloadOf(sound.envelope)).toString());
      const sign = async (content: object): Promise<Signed> => ({
        id: sound.id,
        envelope: await signEnvelope(createEnvelope(Buffer.from(JSON.stringify(content))), {
          privateKey: fleet.investigator.privateKey,
          passphrase,
        }),
      });
      const flawed = await sign({ ...action, syntaxversion: 3 });
      await expectFlaw(fleet, runs, flawed, 'ACTION_SYNTAX_UNKNOWN', await sign(action));
    }),
  );

  test('that ran before, also after it was killed and started again', () =>
    withCountedRuns((runs) =>
      withFleetOfOne(agent, async (fleet) => {
        const first = fleet.start();
        await fleet.next('hello');
        const ran = await fleet.sign([runs.operation(0.01)]);
        expect(await codesOf(fleet, ran)).toEqual([]);
        const { commandid } = await fleet.next('result');
        await fleet.acknowledge(commandid);
        first.child.kill('SIGKILL');
        await first.ended;
        fleet.start();
        await expect.poll(() => fleet.heard.filter(({ kind }) => kind === 'hello').length).toBe(2);
        await expectFlaw(fleet, runs, ran, 'ACTION_REPLAYED', await fleet.sign([runs.operation(0.01)]));
      }),
    ));
});

describe('an agent does not run an operation', () => {
  test(
    'whose signers weigh too little together, for all modules or for the one',
    withAgent(async (fleet, runs) => {
      const { sign } = await withErin(fleet, 2);
      const alone = await fleet.sign([runs.operation(0.01)]);
      expect(await codesOf(fleet, alone)).toEqual([[0, 'ACL_WEIGHT_TOO_LOW']]);
      expect(runs.count).toBe(0);
      expect(await codesOf(fleet, await sign(await fleet.sign([runs.operation(0.01)])))).toEqual([]);
      expect(runs.count).toBe(1);
      // A permission of the module replaces the default, in both directions.
      const investigators = { Dana: { fingerprint: fleet.investigator.fingerprint, weight: 1 } };
      const ping = (minimumweight: number) => ({ minimumweight, investigators });
      for (const [permissions, codes] of [
        [{ default: ping(1), ping: ping(2) }, [[0, 'ACL_WEIGHT_TOO_LOW']]],
        [{ default: ping(2), ping: ping(1) }, []],
        [{ default: ping(1), ping: { minimumweight: 1, investigators: {} } }, [[0, 'ACL_WEIGHT_TOO_LOW']]],
        [{ file: ping(1) }, [[0, 'ACL_NO_PERMISSION']]],
      ] as const) {
        writeFileSync(fleet.places.acl, JSON.stringify(permissions));
        expect(await codesOf(fleet, await fleet.sign([runs.operation(0.01)]))).toEqual(codes);
      }
      expect(runs.count).toBe(2);
    }),
  );
});

test(
  'what is no message, or of another shape, is passed over, and the agent goes on',
  withAgent(async (fleet, runs) => {
    const sound = await fleet.sign([runs.operation(0.01)]);
    const command = { commandid: createUuid(), actionid: sound.id, envelope: sound.envelope, senttime: 'yesterday' };
    const folder = mkdtempSync(join(tmpdir(), 'mig-platform-'));
    const { cert, key } = await fleet.relay.authority.issue('platform', 'platform');
    const files = { ca: fleet.relay.authority.ca, cert, key };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const tls = Object.keys(files).flatMap((name) => [name === 'ca' ? '--cafile' : `--${name}`, join(folder, name)]);
    const place = ['-h', '127.0.0.1', '-p', String(fleet.relay.broker.port), '-i', 'platform-x', '-q', '1'];
    const wrongs = [{}, null, { ...command, envelope: null }, { ...command, commandid: '../../etc/passwd' }, command];
    for (const wrong of ['{', '\u0001', ...wrongs.map((one) => JSON.stringify(one))]) {
      // Our own side of the platform would not send such a thing.
      const words = [...place, ...tls, '-t', `mig/${fleet.relay.fleet}/agent/${fleet.agentId}/to/command`, '-m', wrong];
      await promisify(execFile)('mosquitto_pub', words);
    }
    rmSync(folder, { recursive: true });
    expect(fleet.heard.filter(({ kind }) => kind === 'result')).toEqual([]);
    expect(await codesOf(fleet, sound)).toEqual([]);
    expect(runs.count).toBe(1);
  }),
);
