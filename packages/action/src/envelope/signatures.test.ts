import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Keyring, readKeyring } from '../keyring/keyring.ts';
import { type CreatedKey, createKey } from '../keyring/private-key.ts';
import { createdKey, createGnupg, type Gnupg } from '../testing/gnupg.ts';
import { encodeBase64 } from '../text/base64.ts';
import { createEnvelope, type Envelope, signedBytesOf } from './envelope.ts';
import { preAuthenticationEncoding } from './pre-authentication-encoding.ts';
import { addSignature, signEnvelope } from './sign-envelope.ts';
import { verifySignatures } from './verify-signatures.ts';

const payload = new TextEncoder().encode('{"name":"a question"}');
const unsigned = createEnvelope(payload);
const passphrase = 'correct horse';
let gpg: Gnupg;
let dana: CreatedKey;
let alice: string;
let bob: string;
let keyring: Keyring;

beforeAll(async () => {
  gpg = createGnupg();
  dana = await createKey({ name: 'Dana Reyes', email: 'dana@example.net', passphrase });
  alice = gpg.createKey('Alice <alice@example.net>');
  bob = gpg.createKey('Bob <bob@example.net>');
  gpg.run(['--import'], dana.publicKey);
  keyring = await readKeyring([dana.publicKey, gpg.publicKey(alice), gpg.publicKey(bob)]);
});
afterAll(() => gpg.close());

const signWithDana = (envelope: Envelope) => signEnvelope(envelope, { privateKey: dana.privateKey, passphrase });
const signWithGpg = (user: string, options: readonly string[] = []) =>
  addSignature(unsigned, gpg.sign(signedBytesOf(unsigned), user, options));
const codes = async (envelope: Envelope, ring = keyring, now = new Date()) =>
  (await verifySignatures(envelope, ring, now)).map(({ reason }) => reason?.code ?? 'valid');

describe('a signature of ours', () => {
  test('is valid, and says whose it is', async () => {
    const envelope = await signWithDana(unsigned);

    expect(await verifySignatures(envelope, keyring, new Date())).toEqual([
      {
        fingerprint: dana.fingerprint,
        investigator: 'Dana Reyes <dana@example.net>',
        signedat: expect.stringMatching(/^20.*Z$/),
        valid: true,
        reason: null,
      },
    ]);
    expect(envelope.signatures[0]?.keyid).toBe(dana.fingerprint);
  });

  test('is taken by gpg over the same bytes', async () => {
    const { signatures } = await signWithDana(unsigned);

    const signature = Buffer.from(signatures[0]!.sig, 'base64');
    expect(gpg.verify(signedBytesOf(unsigned), signature)).toBe(dana.fingerprint);
    expect(() => gpg.verify(payload, signature)).toThrow('BAD signature');
  });

  test('is made with a private key that gpg exported, protected by its passphrase', async () => {
    const protect = ['--passphrase', 'x'];
    const erin = createdKey(gpg.run([...protect, '--quick-gen-key', 'Erin <erin@example.net>', 'ed25519', 'sign']));
    const privateKey = gpg.write([...protect, '--armor', '--export-secret-keys', erin]);

    const envelope = await signEnvelope(unsigned, { privateKey, passphrase: 'x' });

    expect(await codes(envelope, await readKeyring([gpg.publicKey(erin)]))).toEqual(['valid']);
    await expect(signEnvelope(unsigned, { privateKey, passphrase: 'y' })).rejects.toMatchObject({
      code: 'PASSPHRASE_WRONG',
      message: `passphrase does not open the key ${erin}`,
    });
    await expect(signEnvelope(unsigned, { privateKey })).rejects.toMatchObject({ code: 'PASSPHRASE_MISSING' });
  });

  test('cannot be made twice with one key, nor with a public key', async () => {
    const once = await signWithDana(unsigned);

    await expect(signWithDana(once)).rejects.toMatchObject({ code: 'SIGNER_REPEATED' });
    await expect(signEnvelope(unsigned, { privateKey: dana.publicKey })).rejects.toMatchObject({
      code: 'KEY_IS_PUBLIC',
    });
  });
});

describe('a signature of gpg', () => {
  test.each([[[]], [['--armor']], [['--digest-algo', 'SHA256']], [['--digest-algo', 'SHA384']]])(
    'made with %j is valid',
    async (options) => {
      expect(await codes(await signWithGpg(alice, options))).toEqual(['valid']);
    },
  );

  test('may stay armored inside the base64', async () => {
    const sig = encodeBase64(gpg.sign(signedBytesOf(unsigned), alice, ['--armor']));

    expect(await codes({ ...unsigned, signatures: [{ sig }] })).toEqual(['valid']);
  });

  test('of RSA and of NIST curves is valid', async () => {
    for (const algorithm of ['rsa2048', 'nistp256']) {
      const user = gpg.createKey(`${algorithm} <${algorithm}@example.net>`, algorithm);
      expect(await codes(await signWithGpg(user), await readKeyring([gpg.publicKey(user)]))).toEqual(['valid']);
    }
  });

  test('follows one of ours, and the other way round, and each is verified by itself', async () => {
    const both = await signWithDana(await signWithGpg(alice));
    const three = await addSignature(both, gpg.sign(signedBytesOf(both), bob));

    expect((await verifySignatures(three, keyring, new Date())).map(({ fingerprint }) => fingerprint)).toEqual([
      alice,
      dana.fingerprint,
      bob,
    ]);
  });

  test('by two users at once becomes two entries', async () => {
    const envelope = await addSignature(unsigned, gpg.sign(signedBytesOf(unsigned), alice, ['--local-user', bob]));

    expect(await codes(envelope)).toEqual(['valid', 'valid']);
    const together = encodeBase64(gpg.sign(signedBytesOf(unsigned), alice, ['--local-user', bob]));
    expect(await codes({ ...unsigned, signatures: [{ sig: together }] })).toEqual(['SIGNATURE_MALFORMED']);
  });

  test('by a subkey is one of its primary key', async () => {
    const frank = gpg.createKey('Frank <frank@example.net>');
    const first = gpg.addSubkey(frank);
    const second = gpg.addSubkey(frank);
    const ring = await readKeyring([gpg.publicKey(frank)]);

    const envelope = await signWithGpg(`${first}!`);
    expect(await verifySignatures(envelope, ring, new Date())).toMatchObject([{ fingerprint: frank, valid: true }]);

    const twice = await addSignature(envelope, gpg.sign(signedBytesOf(unsigned), `${second}!`));
    expect(await codes(twice, ring)).toEqual(['valid', 'SIGNER_REPEATED']);
    const withPrimary = await addSignature(envelope, gpg.sign(signedBytesOf(unsigned), `${frank}!`));
    expect(await codes(withPrimary, ring)).toEqual(['valid', 'SIGNER_REPEATED']);
  });
});

describe('a signature is refused', () => {
  test('when the payload was altered', async () => {
    const signed = await signWithDana(unsigned);
    const altered = { ...signed, payload: encodeBase64(new TextEncoder().encode('{"name":"b question"}')) };

    expect(await verifySignatures(altered, keyring, new Date())).toMatchObject([
      {
        fingerprint: dana.fingerprint,
        valid: false,
        reason: {
          code: 'SIGNATURE_INVALID',
          message: `signature 1 of ${dana.fingerprint} does not fit the payload: Signed digest did not match`,
        },
      },
    ]);
  });

  test('when the type was altered, to an action or from one', async () => {
    const note = await signWithDana(createEnvelope(payload, 'text/plain'));

    expect(await verifySignatures(note, keyring, new Date(), 'text/plain')).toMatchObject([{ valid: true }]);
    expect(await codes({ ...note, payloadType: unsigned.payloadType })).toEqual(['SIGNATURE_INVALID']);
    await expect(verifySignatures(note, keyring, new Date())).rejects.toMatchObject({ code: 'PAYLOAD_TYPE_UNKNOWN' });
  });

  test('when it is over the payload alone', async () => {
    expect(await codes(await addSignature(unsigned, gpg.sign(payload, alice)))).toEqual(['SIGNATURE_INVALID']);
  });

  test('when a bit of it was altered, wherever that is', async () => {
    const { signatures } = await signWithDana(unsigned);
    const sig = Buffer.from(signatures[0]!.sig, 'base64');
    for (let at = 0; at < sig.length; at += 3) {
      const altered = Buffer.from(sig);
      altered[at]! ^= 0x10;
      const verdicts = await verifySignatures(
        { ...unsigned, signatures: [{ sig: altered.toString('base64') }] },
        keyring,
        new Date(),
      );
      // Bits of the unhashed area say nothing; those of everything else must matter.
      if (verdicts[0]!.valid) expect(verdicts[0]!.fingerprint).toBe(dana.fingerprint);
      else expect(verdicts[0]!.reason?.code).toMatch(/^(SIGNATURE_|KEY_UNKNOWN)/);
    }
  });

  test('when the key is not in the keyring, whatever the keyid claims', async () => {
    const mallory = gpg.createKey('Alice <alice@example.net>');
    const { signatures } = await signWithGpg(mallory);
    const envelope = { ...unsigned, signatures: [{ keyid: alice, sig: signatures[0]!.sig }] };

    expect(await verifySignatures(envelope, keyring, new Date())).toMatchObject([
      {
        fingerprint: null,
        valid: false,
        reason: { code: 'KEY_UNKNOWN', message: `key ${mallory.slice(-16)} is not in the keyring` },
      },
    ]);
    expect(await codes(envelope, await readKeyring([gpg.publicKey(mallory)]))).toEqual(['valid']);
  });

  test('when the key is revoked, even when the signature is older', async () => {
    const grace = gpg.createKey('Grace <grace@example.net>');
    const envelope = await signWithGpg(grace);
    const before = gpg.publicKey(grace);
    gpg.revoke(grace);
    const after = gpg.publicKey(grace);

    expect(await codes(envelope, await readKeyring([before]))).toEqual(['valid']);
    expect(await codes(envelope, await readKeyring([after]))).toEqual(['KEY_REVOKED']);
    expect(await codes(envelope, await readKeyring([before, after]))).toEqual(['KEY_REVOKED']);
    expect(await codes(envelope, await readKeyring([after, before]))).toEqual(['KEY_REVOKED']);
  });

  test('when its subkey is revoked, while the primary key is not', async () => {
    const heidi = gpg.createKey('Heidi <heidi@example.net>');
    const subkey = gpg.addSubkey(heidi);
    const envelope = await signWithGpg(`${subkey}!`);
    const before = gpg.publicKey(heidi);
    gpg.run(['--command-fd', '0', '--edit-key', heidi, 'key 1', 'revkey', 'save'], 'y\n3\n\ny\n');

    expect(await codes(envelope, await readKeyring([before]))).toEqual(['valid']);
    const ring = await readKeyring([before, gpg.publicKey(heidi)]);
    expect(await verifySignatures(envelope, ring, new Date())).toMatchObject([
      { fingerprint: heidi, reason: { code: 'KEY_REVOKED', message: `key ${subkey} is revoked` } },
    ]);
    expect(await codes(await signWithGpg(`${heidi}!`), ring)).toEqual(['valid']);
  });

  test('when the key has expired, even when the signature is older', async () => {
    const old = ['--faked-system-time', '20250101T000000'];
    const ivan = gpg.createKey('Ivan <ivan@example.net>', 'ed25519', '2025-02-01', old);
    const ring = await readKeyring([gpg.publicKey(ivan)]);
    const envelope = await signWithGpg(ivan, old);

    expect(await codes(envelope, ring, new Date('2025-01-15T00:00:00Z'))).toEqual(['valid']);
    const [verdict] = await verifySignatures(envelope, ring, new Date());
    expect(verdict?.reason).toMatchObject({
      code: 'KEY_EXPIRED',
      message: expect.stringMatching(new RegExp(`^key ${ivan} expired on 2025-02-01T`)),
    });
  });

  test('when it has expired itself', async () => {
    const judy = gpg.createKey('Judy <judy@example.net>', 'ed25519', 'never', [
      '--faked-system-time',
      '20250101T000000',
    ]);
    const ring = await readKeyring([gpg.publicKey(judy)]);
    const envelope = await signWithGpg(judy, ['--faked-system-time', '20250102T000000', '--default-sig-expire', '1d']);

    expect(await codes(envelope, ring, new Date('2025-01-02T12:00:00Z'))).toEqual(['valid']);
    expect(await codes(envelope, ring, new Date('2025-01-03T12:00:00Z'))).toEqual(['SIGNATURE_EXPIRED']);
  });

  test('when it is from the future, but for a minute that clocks may differ', async () => {
    const made = new Date('2025-01-01T12:00:00Z');
    const fresh = await createKey({ name: 'Fresh', passphrase, now: made });
    const ring = await readKeyring([fresh.publicKey]);
    const envelope = await signEnvelope(unsigned, { privateKey: fresh.privateKey, passphrase, now: made });

    expect(await codes(envelope, ring, new Date('2025-01-01T11:59:00Z'))).toEqual(['valid']);
    expect(await codes(envelope, ring, new Date('2025-01-01T11:58:59Z'))).toEqual(['SIGNATURE_FROM_FUTURE']);
  });

  test('when it uses a weak hash', async () => {
    const weak = gpg.createKey('Weak <weak@example.net>', 'rsa2048');
    const ring = await readKeyring([gpg.publicKey(weak)]);
    const options = (hash: string) => ['--allow-weak-digest-algos', '--digest-algo', hash];

    for (const hash of ['SHA1', 'MD5', 'RIPEMD160', 'SHA224']) {
      const [verdict] = await verifySignatures(await signWithGpg(weak, options(hash)), ring, new Date());
      expect([hash, verdict?.reason?.code]).toEqual([hash, 'SIGNATURE_HASH_WEAK']);
    }
    expect(await codes(await signWithGpg(weak, options('SHA512')), ring)).toEqual(['valid']);
  });

  test('when the key is too short', async () => {
    const short = gpg.createKey('Short <short@example.net>', 'rsa1024');
    const ring = await readKeyring([gpg.publicKey(short)]);

    expect(await codes(await signWithGpg(short), ring)).toEqual(['KEY_TOO_WEAK']);
  });

  test('when it is over text, whose line ends do not count', async () => {
    expect(await codes(await signWithGpg(alice, ['--textmode']))).toEqual(['SIGNATURE_KIND_WRONG']);
  });

  test('when the key names another that may revoke it', async () => {
    const parameters = `%no-protection\nKey-Type: eddsa\nKey-Curve: ed25519\nName-Real: Led\nRevoker: 22:${alice}\n%commit\n`;
    const led = createdKey(gpg.run(['--gen-key'], parameters));

    expect(await codes(await signWithGpg(led), await readKeyring([gpg.publicKey(led)]))).toEqual(['KEY_CANNOT_SIGN']);
  });

  test('when another key claims the signer as its subkey, the signer is still found', async () => {
    const openpgp = await import('openpgp');
    const thief = await openpgp.readKey({ armoredKey: gpg.publicKey(bob) });
    const victim = await openpgp.readKey({ armoredKey: gpg.publicKey(alice) });
    const stolen = new openpgp.PublicSubkeyPacket();
    stolen.read(victim.keyPacket.write());
    const packets = thief.toPacketList();
    packets.push(stolen as never);
    const claiming = new openpgp.PublicKey(packets as never);
    const envelope = await signWithGpg(alice);

    const order = [claiming.armor(), gpg.publicKey(alice)];
    for (const keys of [order, order.toReversed()]) {
      const verdicts = await verifySignatures(envelope, await readKeyring(keys), new Date());
      expect(verdicts).toMatchObject([{ fingerprint: alice, valid: true }]);
    }
    expect(await codes(envelope, await readKeyring([claiming.armor()]))).not.toEqual(['valid']);
  });

  test.each([
    ['no base64', '***', 'expected base64'],
    ['empty', '', 'no OpenPGP signature'],
    ['no OpenPGP', encodeBase64(new TextEncoder().encode('hello')), 'no OpenPGP signature'],
    ['a broken packet', encodeBase64(new Uint8Array([0x88, 0x10, 4])), ''],
    ['random bytes', encodeBase64(new Uint8Array(500).map((_, i) => 0x80 | (i * 7))), ''],
  ])('when it is %s', async (_, sig, detail) => {
    const [verdict] = await verifySignatures({ ...unsigned, signatures: [{ sig }] }, keyring, new Date());

    expect(verdict).toMatchObject({ fingerprint: null, valid: false, reason: { code: 'SIGNATURE_MALFORMED' } });
    expect(verdict?.reason?.message).toContain(detail);
  });

  test('when it is a public key, or a message with its text inside', async () => {
    const key = gpg.write(['--export', alice]);
    const inline = gpg.write(['--local-user', alice, '--sign'], signedBytesOf(unsigned));
    for (const content of [key, inline]) {
      expect(await codes({ ...unsigned, signatures: [{ sig: encodeBase64(content) }] })).toEqual([
        'SIGNATURE_MALFORMED',
      ]);
    }
  });
});

test('the bytes that are signed are the ones of the specification', () => {
  expect(signedBytesOf(unsigned)).toEqual(preAuthenticationEncoding('application/vnd.mig.action+json', payload));
});
