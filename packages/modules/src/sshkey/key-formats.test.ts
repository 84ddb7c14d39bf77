/** Every type and format that ssh-keygen and openssl make, against what ssh-keygen says of it. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '@mig/module/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Elements, type Key, sshkey } from './sshkey.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-sshkey-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function tool(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const advice = isMissing ? ': install the Debian packages openssh-client and openssl' : '';
    throw new Error(`${program} ${words.join(' ')} failed${advice}`, { cause });
  }
}

/** The fingerprint that ssh-keygen prints for the first key of a file; empty where it cannot tell. */
function printed(path: string, hash: 'md5' | 'sha256'): string {
  try {
    const line = tool('ssh-keygen', ['-l', '-E', hash, '-f', path]).split('\n')[0]!;
    return line.split(' ')[1]!.replace(/^MD5:/, '');
  } catch {
    return '';
  }
}

async function keysOf(path: string): Promise<Key[]> {
  const result = await run(sshkey, { paths: [path] });
  expect(result.errors).toBeNull();
  return (result.elements as Elements).keys;
}

/** What is expected of a private key that no `.pub` stands beside. */
function expected(path: string, encrypted: boolean): Key {
  return {
    fingerprint_md5: printed(path, 'md5'),
    fingerprint_sha256: printed(path, 'sha256'),
    path,
    encrypted,
    type: 'private',
  };
}

const types: readonly (readonly [string, readonly string[]])[] = [
  ['rsa', ['-b', '2048']],
  ['dsa', []],
  ['ecdsa', ['-b', '256']],
  ['ecdsa', ['-b', '384']],
  ['ecdsa', ['-b', '521']],
  ['ed25519', []],
];
const formats = ['RFC4716', 'PEM', 'PKCS8'] as const;

describe('keys that ssh-keygen makes', () => {
  for (const [type, options] of types) {
    for (const format of formats) {
      for (const passphrase of ['', 'correct horse']) {
        const name = [type, ...options.slice(1), format, passphrase === '' ? 'plain' : 'encrypted'].join('-');
        test(`${name}: private alone, private beside its .pub, public`, async () => {
          const path = join(folder, name);
          tool('ssh-keygen', ['-q', '-t', type, ...options, '-m', format, '-N', passphrase, '-C', 'a b', '-f', path]);
          const [md5, sha256] = [printed(`${path}.pub`, 'md5'), printed(`${path}.pub`, 'sha256')];
          expect(sha256).toMatch(/^SHA256:.{43}$/);
          const beside = await keysOf(path);
          const known = { fingerprint_md5: md5, fingerprint_sha256: sha256 };
          expect(beside).toEqual([{ ...known, path, encrypted: passphrase !== '', type: 'private' }]);
          const publicPath = `${path}.pub`;
          expect(await keysOf(publicPath)).toEqual([{ ...known, path: publicPath, encrypted: false, type: 'public' }]);
          rmSync(publicPath);
          const isOpaque = passphrase !== '' && !readFileSync(path, 'utf8').includes('OPENSSH');
          const unknown = { fingerprint_md5: '', fingerprint_sha256: '' };
          expect(await keysOf(path)).toEqual([
            { ...(isOpaque ? unknown : known), path, encrypted: passphrase !== '', type: 'private' },
          ]);
        });
      }
    }
  }

  for (const format of ['RFC4716', 'PEM', 'PKCS8']) {
    for (const type of ['rsa', 'ecdsa']) {
      test(`a public ${type} key exported as ${format}`, async () => {
        const path = join(folder, `export-${type}-${format}`);
        tool('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'x', '-f', path]);
        const exported = `${path}.exported`;
        writeFileSync(exported, tool('ssh-keygen', ['-e', '-m', format, '-f', `${path}.pub`]));
        const [key] = await keysOf(exported);
        expect(key).toMatchObject({ fingerprint_sha256: printed(`${path}.pub`, 'sha256'), type: 'public' });
      });
    }
  }

  test('a certificate has the fingerprint of the key that it certifies', async () => {
    for (const [type, options] of types) {
      if (type === 'dsa') continue;
      const path = join(folder, `certified-${type}-${options[1] ?? ''}`);
      const authority = join(folder, 'authority');
      if (!existsSync(authority)) tool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', authority]);
      tool('ssh-keygen', ['-q', '-t', type, ...options, '-N', '', '-f', path]);
      tool('ssh-keygen', ['-q', '-s', authority, '-I', 'id', '-n', 'root,admin', `${path}.pub`]);
      const [key] = await keysOf(`${path}-cert.pub`);
      expect(key).toMatchObject({ fingerprint_sha256: printed(`${path}-cert.pub`, 'sha256'), type: 'public' });
      expect(key!.fingerprint_sha256).toBe(printed(`${path}.pub`, 'sha256'));
    }
  });
});

describe('keys that openssl makes', () => {
  const algorithms: readonly (readonly [string, readonly string[]])[] = [
    ['rsa', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['p256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['p384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['p521', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ];
  for (const [name, words] of algorithms) {
    test(`${name}: PKCS#8 and traditional, plain and encrypted; public as PKCS#1 and SubjectPublicKeyInfo`, async () => {
      const path = join(folder, `openssl-${name}`);
      tool('openssl', ['genpkey', ...words, '-out', path]);
      tool('chmod', ['600', path]);
      const key = expected(path, false);
      expect(key.fingerprint_sha256).toMatch(/^SHA256:/);
      expect(await keysOf(path)).toEqual([key]);

      const traditional = `${path}-traditional`;
      tool('openssl', ['pkey', '-in', path, '-traditional', '-out', traditional]);
      expect(await keysOf(traditional)).toEqual([{ ...key, path: traditional }]);

      const unknown = { fingerprint_md5: '', fingerprint_sha256: '', encrypted: true, type: 'private' };
      const lock = ['-aes128', '-passout', 'pass:secret'];
      for (const extra of [[], ['-traditional']]) {
        const locked = `${path}-locked${extra.join('')}`;
        tool('openssl', ['pkey', '-in', path, ...extra, ...lock, '-out', locked]);
        expect(await keysOf(locked)).toEqual([{ ...unknown, path: locked }]);
        writeFileSync(`${locked}.pub`, tool('ssh-keygen', ['-y', '-f', path]));
        expect(await keysOf(locked)).toEqual([{ ...key, path: locked, encrypted: true }]);
      }

      const publicPath = `${path}-public`;
      tool('openssl', ['pkey', '-in', path, '-pubout', '-out', publicPath]);
      expect(await keysOf(publicPath)).toEqual([{ ...key, path: publicPath, type: 'public' }]);
    });
  }

  test('an EC key with its parameters before it, and one with a compressed point', async () => {
    const path = join(folder, 'openssl-ecparam');
    tool('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-out', path]);
    const alone = `${path}-alone`;
    tool('openssl', ['ec', '-in', path, '-out', alone]);
    tool('chmod', ['600', alone]);
    expect(printed(alone, 'sha256')).toMatch(/^SHA256:/);
    expect(await keysOf(path)).toEqual([{ ...expected(alone, false), path }]);
    const compressed = `${path}-compressed`;
    tool('openssl', ['ec', '-in', path, '-conv_form', 'compressed', '-out', compressed]);
    expect((await keysOf(compressed))[0]!.fingerprint_sha256).toBe(printed(alone, 'sha256'));
  });

  test('a DSA key, and an Ed25519 key in PKCS#8, whose fingerprint openssl itself gives', async () => {
    const dsa = join(folder, 'openssl-dsa');
    tool('openssl', ['dsaparam', '-genkey', '-noout', '-out', dsa, '1024']);
    tool('chmod', ['600', dsa]);
    expect(await keysOf(dsa)).toEqual([expected(dsa, false)]);

    const path = join(folder, 'openssl-ed25519');
    tool('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', path]);
    const raw = execFileSync('openssl', ['pkey', '-in', path, '-pubout', '-outform', 'DER']).subarray(-32);
    const blob = Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), raw]);
    const truth = join(folder, 'truth.pub');
    writeFileSync(truth, `ssh-ed25519 ${blob.toString('base64')}\n`);
    expect(await keysOf(path)).toEqual([{ ...expected(truth, false), path }]);
  });

  test('keys that SSH has no use for are passed over', async () => {
    for (const algorithm of ['X25519', 'Ed448']) {
      const path = join(folder, `no-${algorithm}`);
      tool('openssl', ['genpkey', '-algorithm', algorithm, '-out', path]);
      expect(await keysOf(path)).toEqual([]);
    }
    const path = join(folder, 'no-secp256k1');
    tool('openssl', ['ecparam', '-name', 'secp256k1', '-genkey', '-noout', '-out', path]);
    expect(await keysOf(path)).toEqual([]);
  });
});

test('a key is found by what the file holds, under any name, and among other things', async () => {
  const path = join(folder, 'holiday.jpg');
  tool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'plain')]);
  copyFileSync(join(folder, 'plain'), path);
  const key = expected(join(folder, 'plain'), false);
  expect(await keysOf(path)).toEqual([{ ...key, path }]);
  const backup = join(folder, 'backup.txt');
  const text = readFileSync(path, 'utf8');
  writeFileSync(backup, `notes\r\n${text.replaceAll('\n', '\r\n')}more\r\n`);
  expect(await keysOf(backup)).toEqual([{ ...key, path: backup }]);
  expect(basename(key.path)).toBe('plain');
});

test('a block that only looks like a key is a soft error that says so', async () => {
  const path = join(folder, 'broken');
  writeFileSync(path, '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n');
  const result = await run(sshkey, { paths: [path] });
  expect(result.elements).toEqual({ keys: [] });
  expect(result.errors).toEqual([
    `${path}: its OPENSSH PRIVATE KEY cannot be read: it does not begin with openssh-key-v1`,
  ]);
});
