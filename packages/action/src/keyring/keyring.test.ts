import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createdKey, createGnupg, type Gnupg } from '../testing/gnupg.ts';
import { describeKeys } from './describe-key.ts';
import { addKeys, emptyKeyring, exportKey, readKeyring, removeKey } from './keyring.ts';
import { createKey, describePrivateKey } from './private-key.ts';
import { revokeKey } from './revoke-key.ts';
import { whyUnusable } from './usability.ts';

let gpg: Gnupg;
let alice: string;
let bob: string;
const fingerprints = ({ keys }: { keys: ReadonlyMap<string, unknown> }) => [...keys.keys()].sort();
const sorted = (...values: readonly string[]) => [...values].sort();

beforeAll(() => {
  gpg = createGnupg();
  alice = gpg.createKey('Alice Ångström <alice@example.net>');
  bob = gpg.createKey('Bob <bob@example.net>', 'rsa2048', '2099-01-01');
});
afterAll(() => gpg.close());

describe('a keyring', () => {
  test('reads keys of gpg: armored, several in one file with text around, in one block, and binary', async () => {
    const both = sorted(alice, bob);
    const [a, b] = [gpg.publicKey(alice), gpg.publicKey(bob)];

    expect(fingerprints(await readKeyring([a, b]))).toEqual(both);
    expect(fingerprints(await readKeyring([`Alice\n${a}\r\nBob:\n\n${b}end`]))).toEqual(both);
    expect(fingerprints(await readKeyring([Buffer.from(a.replaceAll('\n', '\r\n'))]))).toEqual([alice]);
    expect(fingerprints(await readKeyring([gpg.write(['--armor', '--export', alice, bob])]))).toEqual(both);
    expect(fingerprints(await readKeyring([gpg.write(['--export', alice, bob])]))).toEqual(both);
  });

  test('is a value: adding and removing give another', async () => {
    const one = await readKeyring([gpg.publicKey(alice)]);
    const two = await addKeys(one, gpg.publicKey(bob));

    expect(fingerprints(removeKey(two, alice.toLowerCase()))).toEqual([bob]);
    expect([emptyKeyring, one, two].map(({ keys }) => keys.size)).toEqual([0, 1, 2]);
    expect(() => removeKey(one, bob)).toThrow(`key ${bob} is not in the keyring`);
  });

  test('describes its keys as gpg does', async () => {
    const listed = await describeKeys(await readKeyring([gpg.publicKey(alice), gpg.publicKey(bob)]), new Date());

    const expected = [
      {
        fingerprint: alice,
        userids: ['Alice Ångström <alice@example.net>'],
        algorithm: 'ed25519Legacy',
        expires: null,
      },
      {
        fingerprint: bob,
        userids: ['Bob <bob@example.net>'],
        algorithm: 'rsa2048',
        expires: expect.stringMatching(/^2099-01-01T/),
      },
    ].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    expect(listed).toEqual(
      expected.map((key) => ({
        ...key,
        created: expect.stringMatching(/^20.*Z$/),
        status: 'usable',
        unusable: null,
      })),
    );
  });

  test('exports a key that gpg imports', async () => {
    const other = createGnupg();
    try {
      const exported = exportKey(await readKeyring([gpg.publicKey(alice)]), alice);
      expect(other.run(['--import'], exported)).toContain(`IMPORT_OK 1 ${alice}`);
    } finally {
      other.close();
    }
  });

  test('takes no private key', async () => {
    const { privateKey, publicKey, fingerprint } = await createKey({ name: 'Dana', passphrase: 'p' });

    await expect(addKeys(emptyKeyring, `${publicKey}\n${privateKey}`, 'keys/dana.asc')).rejects.toMatchObject({
      code: 'KEY_IS_PRIVATE',
      message: `keys/dana.asc holds the private key ${fingerprint}, expected public keys only`,
    });
  });

  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'KEY_MALFORMED'],
    ['text', 'hello', 'KEY_MALFORMED'],
    ['half a key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME', 'KEY_MALFORMED'],
    [
      'broken armor',
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n****\n-----END PGP PUBLIC KEY BLOCK-----',
      'KEY_MALFORMED',
    ],
    ['bytes', new Uint8Array(100).fill(0x99), 'KEY_MALFORMED'],
    ['more than a mebibyte', 'x'.repeat(1024 * 1024 + 1), 'TEXT_TOO_LARGE'],
  ])('refuses %s', async (_, content, code) => {
    await expect(addKeys(emptyKeyring, content)).rejects.toMatchObject({ code });
  });
});

describe('a key that cannot be used says why', () => {
  const why = async (fingerprint: string, now = new Date()) =>
    (await whyUnusable(await readKeyring([gpg.publicKey(fingerprint)]), fingerprint, now))?.message;

  test('it is not there', async () => {
    expect(() => whyUnusable(emptyKeyring, alice, new Date())).toThrow(`key ${alice} is not in the keyring`);
  });

  test('it was revoked, and then its keyring says so', async () => {
    const carol = gpg.createKey('Carol <carol@example.net>');
    gpg.revoke(carol);

    expect(await why(carol)).toBe(`key ${carol} is revoked`);
    const keyring = await readKeyring([gpg.publicKey(carol)]);
    expect(await describeKeys(keyring, new Date())).toMatchObject([{ status: 'revoked' }]);
    expect(await why(carol, new Date('2020-01-01T00:00:00Z'))).toBe(`key ${carol} is revoked`);
  });

  test('it has expired, or is from the future', async () => {
    const past = ['--faked-system-time', '20250101T000000'];
    const eve = gpg.createKey('Eve <eve@example.net>', 'ed25519', '2025-02-01', past);

    expect(await why(eve, new Date('2025-01-15T00:00:00Z'))).toBeUndefined();
    expect(await why(eve)).toMatch(new RegExp(`^key ${eve} expired on 2025-02-01T\\d\\d:00:00.000Z$`));
    expect(await why(eve, new Date('2024-01-01T00:00:00Z'))).toBe(
      `key ${eve} was made on 2025-01-01T00:00:00.000Z, which is after 2024-01-01T00:00:00.000Z`,
    );
    expect(await describeKeys(await readKeyring([gpg.publicKey(eve)]), new Date())).toMatchObject([
      { status: 'expired' },
    ]);
  });

  test('it is for something else, or too weak', async () => {
    const certifier = createdKey(
      gpg.run(['--passphrase', '', '--quick-gen-key', 'Cert <c@example.net>', 'ed25519', 'cert']),
    );
    const short = gpg.createKey('Short <s@example.net>', 'rsa1024');
    const parameters = '%no-protection\nKey-Type: dsa\nKey-Length: 1024\nName-Real: Dsa\n%commit\n';
    const dsa = createdKey(gpg.run(['--gen-key'], parameters));

    expect(await why(certifier)).toMatch(`key ${certifier} cannot sign: Could not find valid signing key packet`);
    expect(await why(short)).toBe(`key ${short} is too weak: RSA of 1024 bits, expected 2048 or more`);
    expect(await why(dsa)).toBe(`key ${dsa} is too weak: dsa is not accepted`);
  });
});

describe('a key of ours', () => {
  test('is imported by gpg with its passphrase, and signs there', async () => {
    const { privateKey, fingerprint } = await createKey({
      name: 'Dana',
      email: 'dana@example.net',
      passphrase: 'pass word',
    });
    const home = createGnupg();
    try {
      home.run(['--passphrase', 'pass word', '--import'], privateKey);
      const bytes = new TextEncoder().encode('text');
      const signature = home.sign(bytes, fingerprint, ['--passphrase', 'pass word']);

      expect(home.verify(bytes, signature)).toBe(fingerprint);
      expect(home.run(['--with-colons', '--list-keys'])).toContain('Dana <dana@example.net>');
    } finally {
      home.close();
    }
  });

  test('expires when it was asked to, and never otherwise', async () => {
    const now = new Date('2025-01-01T00:00:00Z');
    const short = await createKey({ name: 'A', passphrase: 'p', now, expiresAfterMs: 24 * 3600e3 });
    const long = await createKey({ name: 'B', passphrase: 'p', now });
    const expires = async (key: string, at: Date) => {
      const [description] = await describeKeys(await readKeyring([key]), at);
      return [description?.expires, description?.status];
    };

    expect(await expires(short.publicKey, now)).toEqual(['2025-01-02T00:00:00.000Z', 'usable']);
    expect(await expires(short.publicKey, new Date('2025-01-02T00:00:00Z'))).toEqual([
      '2025-01-02T00:00:00.000Z',
      'expired',
    ]);
    expect(await expires(long.publicKey, new Date())).toEqual([null, 'usable']);
  });

  test('is revoked by the certificate that came with it, here and by gpg', async () => {
    const dana = await createKey({ name: 'Dana', passphrase: 'p' });
    const erin = await createKey({ name: 'Erin', passphrase: 'p' });
    const keyring = await readKeyring([gpg.publicKey(alice), dana.publicKey]);

    expect(await whyUnusable(await revokeKey(keyring, dana.revocation), dana.fingerprint, new Date())).toMatchObject({
      code: 'KEY_REVOKED',
    });
    expect(await whyUnusable(keyring, dana.fingerprint, new Date())).toBeUndefined();
    await expect(revokeKey(keyring, erin.revocation)).rejects.toThrow('it fits no key of the keyring');
    await expect(revokeKey(keyring, 'hello')).rejects.toMatchObject({ code: 'KEY_MALFORMED' });
    gpg.run(['--import'], dana.publicKey);
    gpg.run(['--import'], dana.revocation);
    expect(gpg.run(['--with-colons', '--list-keys', dana.fingerprint])).toMatch(/^pub:r:/m);
  });

  test('is described without its passphrase', async () => {
    const dana = await createKey({ name: 'Dana', passphrase: 'p' });

    expect(await describePrivateKey(dana.privateKey)).toMatchObject({
      fingerprint: dana.fingerprint,
      userids: ['Dana'],
      isProtected: true,
    });
    await expect(describePrivateKey(dana.publicKey)).rejects.toMatchObject({ code: 'KEY_IS_PUBLIC' });
    await expect(describePrivateKey(`${dana.privateKey}\n${dana.privateKey}`)).rejects.toThrow(
      'expected one key, got 2',
    );
    const unprotected = gpg.write(['--armor', '--export-secret-keys', alice]);
    expect(await describePrivateKey(unprotected)).toMatchObject({ fingerprint: alice, isProtected: false });
  });

  test('needs a passphrase', async () => {
    await expect(createKey({ name: 'Dana', passphrase: '' })).rejects.toMatchObject({ code: 'PASSPHRASE_MISSING' });
  });
});
