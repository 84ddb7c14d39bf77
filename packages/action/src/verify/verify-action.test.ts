import { beforeAll, describe, expect, test } from 'vitest';
import { type Acl, parseAcl } from '../acl/acl.ts';
import { type Action, encodeAction } from '../document/action.ts';
import { createAction } from '../document/create-action.ts';
import { createEnvelope, type Envelope, encodeEnvelope } from '../envelope/envelope.ts';
import { signEnvelope } from '../envelope/sign-envelope.ts';
import type { ErrorCode } from '../errors/registry.ts';
import { emptyKeyring, type Keyring, readKeyring } from '../keyring/keyring.ts';
import { type CreatedKey, createKey } from '../keyring/private-key.ts';
import { encodeBase64 } from '../text/base64.ts';
import { type VerificationInput, verifyAction } from './verify-action.ts';

const now = new Date();
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const passphrase = 'p';
let dana: CreatedKey;
let erin: CreatedKey;
let mallory: CreatedKey;
let keyring: Keyring;
let acl: Acl;
let action: Action;
let signedByDana: Envelope;
let signedByBoth: Envelope;

beforeAll(async () => {
  const made = at(-3600);
  [dana, erin, mallory] = await Promise.all([
    createKey({ name: 'Dana', passphrase, now: made }),
    createKey({ name: 'Erin', passphrase, now: made }),
    createKey({ name: 'Mallory', passphrase, now: made }),
  ]);
  keyring = await readKeyring([dana.publicKey, erin.publicKey]);
  acl = parseAcl(
    JSON.stringify({
      default: { minimumweight: 1, investigators: { Dana: { fingerprint: dana.fingerprint, weight: 1 } } },
      memory: {
        minimumweight: 2,
        investigators: {
          Dana: { fingerprint: dana.fingerprint, weight: 1 },
          Erin: { fingerprint: erin.fingerprint, weight: 1 },
        },
      },
    }),
  );
  action = createAction(
    {
      fleet: 'lab',
      name: 'two operations',
      target: "environment->>'os'='linux'",
      operations: [
        { module: 'file', parameters: { searches: {} } },
        { module: 'memory', parameters: { searches: {} } },
      ],
    },
    now,
  );
  signedByDana = await sign(encodeAction(action), dana);
  signedByBoth = await signEnvelope(signedByDana, { privateKey: erin.privateKey, passphrase, now });
});

async function sign(payload: Uint8Array | string, ...signers: readonly CreatedKey[]): Promise<Envelope> {
  let envelope = createEnvelope(typeof payload === 'string' ? new TextEncoder().encode(payload) : payload);
  for (const { privateKey } of signers) envelope = await signEnvelope(envelope, { privateKey, passphrase, now });
  return envelope;
}

const verify = (envelope: unknown, changes: Partial<VerificationInput> = {}) =>
  verifyAction({
    envelope,
    keyring,
    acl,
    now,
    fleet: 'lab',
    seen: () => false,
    modules: ['file', 'memory'],
    ...changes,
  });

/** Expects that the action is refused as a whole, for exactly these reasons, and that nothing may run. */
async function expectRefused(envelope: unknown, codes: readonly ErrorCode[], changes?: Partial<VerificationInput>) {
  const verdict = await verify(envelope, changes);
  expect(verdict.refusals.map(({ code }) => code)).toEqual(codes);
  expect(verdict).toMatchObject({ accepted: false, operations: [] });
  for (const { message, wayout } of verdict.refusals) {
    expect(message).toMatch(/^[a-z].*[^.]$/);
    expect(message).not.toMatch(/[{}]|undefined/);
    expect(wayout).toMatch(/^[A-Z].*\.$/);
  }
  return verdict;
}

describe('an action is accepted', () => {
  test('when enough investigators signed it, for each operation by its own permission', async () => {
    expect(await verify(signedByBoth)).toEqual({
      accepted: true,
      action,
      signatures: [
        expect.objectContaining({ fingerprint: dana.fingerprint, investigator: 'Dana', valid: true }),
        expect.objectContaining({ fingerprint: erin.fingerprint, investigator: 'Erin', valid: true }),
      ],
      refusals: [],
      operations: [
        { module: 'file', allowed: true, permission: 'default', weight: 1, minimumweight: 1, refusals: [] },
        { module: 'memory', allowed: true, permission: 'memory', weight: 2, minimumweight: 2, refusals: [] },
      ],
    });
  });

  test('as text, as bytes and as a parsed value', async () => {
    const text = encodeEnvelope(signedByBoth);

    for (const form of [text, new TextEncoder().encode(text), JSON.parse(text) as unknown]) {
      expect(await verify(form)).toMatchObject({ accepted: true });
    }
  });

  test('while one operation is refused alone', async () => {
    const { accepted, operations } = await verify(signedByDana);

    expect(accepted).toBe(true);
    expect(
      operations.map(({ module, allowed, refusals }) => [module, allowed, refusals.map(({ code }) => code)]),
    ).toEqual([
      ['file', true, []],
      ['memory', false, ['ACL_WEIGHT_TOO_LOW']],
    ]);
  });

  test('while the agent lacks a module, which is refused alone', async () => {
    const { operations } = await verify(signedByBoth, { modules: ['file', 'netstat'] });

    expect(operations.map(({ allowed, refusals }) => [allowed, refusals.map(({ message }) => message)])).toEqual([
      [true, []],
      [false, ["module 'memory' is not part of this agent, which has file, netstat"]],
    ]);
  });

  test('from the first moment of its window to just before the last', async () => {
    expect((await verify(signedByBoth, { now: new Date(action.validfrom) })).refusals).toEqual([]);
    const last = new Date(Date.parse(action.expireafter) - 1);
    expect((await verify(signedByBoth, { now: last })).refusals).toEqual([]);
  });
});

describe('an action is refused as a whole', () => {
  test('when its payload was altered', async () => {
    const altered = encodeAction({ ...action, operations: [{ module: 'memory', parameters: { all: true } }] });

    const verdict = await expectRefused({ ...signedByBoth, payload: encodeBase64(altered) }, [
      'SIGNATURE_INVALID',
      'SIGNATURE_INVALID',
    ]);
    expect(verdict.action).toBeNull();
  });

  test('when the same bytes are written another way', async () => {
    const spaced = new TextEncoder().encode(JSON.stringify(action, null, 1));

    await expectRefused({ ...signedByDana, payload: encodeBase64(spaced) }, ['SIGNATURE_INVALID']);
  });

  test('when it is said to be of another type', async () => {
    await expectRefused({ ...signedByDana, payloadType: 'text/plain' }, ['PAYLOAD_TYPE_UNKNOWN']);
  });

  test('when nobody signed it', async () => {
    await expectRefused({ ...signedByDana, signatures: [] }, ['SIGNATURE_MISSING']);
  });

  test('when a stranger signed it, and also when a stranger signed it besides', async () => {
    await expectRefused(await sign(encodeAction(action), mallory), ['KEY_UNKNOWN']);
    await expectRefused(await sign(encodeAction(action), dana, mallory), ['KEY_UNKNOWN']);
  });

  test('when the keyring is empty', async () => {
    await expectRefused(signedByDana, ['KEY_UNKNOWN'], { keyring: emptyKeyring });
  });

  test('when one investigator signed twice to weigh more', async () => {
    const [signature] = signedByDana.signatures;
    await expectRefused({ ...signedByDana, signatures: [signature, signature] }, ['SIGNER_REPEATED']);
    const again = await sign(encodeAction(action), dana);
    await expectRefused({ ...signedByDana, signatures: [signature, ...again.signatures] }, ['SIGNER_REPEATED']);
  });

  test('before its time', async () => {
    const later = createAction(
      { ...action, validfrom: at(600).toISOString(), expireafter: at(1200).toISOString() },
      now,
    );
    const verdict = await expectRefused(await sign(encodeAction(later), dana), ['ACTION_NOT_YET_VALID']);

    expect(verdict.action?.id).toBe(later.id);
    expect(verdict.refusals[0]?.message).toBe(
      `action is valid from ${later.validfrom} on, and it is ${now.toISOString()}`,
    );
  });

  test('at the end of its time and after it', async () => {
    await expectRefused(signedByDana, ['ACTION_EXPIRED'], { now: new Date(action.expireafter) });
    await expectRefused(signedByDana, ['ACTION_EXPIRED'], { now: at(3600) });
  });

  test('for another fleet', async () => {
    const verdict = await expectRefused(signedByDana, ['ACTION_OTHER_FLEET'], { fleet: 'prod' });

    expect(verdict.refusals[0]?.message).toBe("action is for the fleet 'lab', expected 'prod'");
  });

  test('when it comes again, as the agent remembers', async () => {
    const asked: string[] = [];
    const seen = async (id: string) => asked.push(id) > 0;

    await expectRefused(signedByDana, ['ACTION_REPLAYED'], { seen });
    expect(asked).toEqual([action.id]);
    await expect(verify(signedByDana, { seen: () => Promise.reject(new Error('no memory')) })).rejects.toThrow(
      'no memory',
    );
  });

  test('for every reason at once', async () => {
    await expectRefused(signedByDana, ['ACTION_OTHER_FLEET', 'ACTION_EXPIRED', 'ACTION_REPLAYED'], {
      fleet: 'prod',
      now: at(3600),
      seen: () => true,
    });
  });

  test.each<[string, (text: string) => string, ErrorCode]>([
    ['is not JSON', () => 'hello', 'TEXT_MALFORMED'],
    ['has a key twice', (text) => text.replace('{', '{"name":"harmless",'), 'TEXT_AMBIGUOUS'],
    ['has a key that is not known', (text) => text.replace('{', '{"note":1,'), 'DOCUMENT_INVALID'],
    [
      'is of another version',
      (text) => text.replace('"syntaxversion":2', '"syntaxversion":3'),
      'ACTION_SYNTAX_UNKNOWN',
    ],
    ['has no end', (text) => text.replace(/"expireafter":"[^"]*",/, ''), 'DOCUMENT_INVALID'],
    ['lasts for years', (text) => text.replace(/("expireafter":")\d+/, '$12999'), 'ACTION_WINDOW_INVALID'],
  ])('when what was signed %s', async (_, change, code) => {
    const text = change(new TextDecoder().decode(encodeAction(action)));

    await expectRefused(await sign(text, dana), [code]);
  });

  test.each<[string, unknown, ErrorCode]>([
    ['nothing', undefined, 'ENVELOPE_MALFORMED'],
    ['a number', 7, 'ENVELOPE_MALFORMED'],
    ['an empty object', {}, 'ENVELOPE_MALFORMED'],
    ['text that is no JSON', 'hello', 'TEXT_MALFORMED'],
    ['a large text', ' '.repeat(7_000_000), 'TEXT_TOO_LARGE'],
    ['deep nesting', '['.repeat(5_000_000), 'TEXT_AMBIGUOUS'],
    [
      'a payload that is not base64',
      { payload: '*', payloadType: 'application/vnd.mig.action+json', signatures: [] },
      'ENVELOPE_MALFORMED',
    ],
  ])('when the envelope is %s', async (_, envelope, code) => {
    await expectRefused(envelope, [code]);
  });

  test('when a signature is not one', async () => {
    await expectRefused({ ...signedByDana, signatures: [{ sig: 'AAAA' }] }, ['SIGNATURE_MALFORMED']);
  });
});

describe('without each check, the attack would work', () => {
  test('an access list that names the stranger, and a keyring that has the key, let the stranger in', async () => {
    const envelope = await sign(encodeAction(action), mallory);
    const open = parseAcl(
      `{"default":{"minimumweight":1,"investigators":{"M":{"fingerprint":"${mallory.fingerprint}","weight":1}}}}`,
    );

    expect(
      (await verify(envelope, { keyring: await readKeyring([mallory.publicKey]), acl: open })).operations,
    ).toMatchObject([{ allowed: true }, { allowed: true }]);
  });
});
