import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@mig/module/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { field } from './key-blob.ts';
import { type Elements, sshkey } from './sshkey.ts';

let folder = '';
let keys: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-authorized-'));
  keys = ['rsa', 'dsa', 'ecdsa', 'ed25519'].map((type) => {
    const path = join(folder, `id_${type}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'someone@host', '-f', path]);
    return readFileSync(`${path}.pub`, 'utf8').trim();
  });
  mkdirSync(join(folder, 'found'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The fingerprints that ssh-keygen prints for each key of a file, comments and junk passed over. */
function printed(path: string, hash: 'md5' | 'sha256'): string[] {
  const lines = execFileSync('ssh-keygen', ['-l', '-E', hash, '-f', path], { encoding: 'utf8', stdio: 'pipe' });
  return lines
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[1]!.replace(/^MD5:/, ''));
}

/** What the module finds in a file with `text`, called `name`. */
async function found(name: string, text: string) {
  const path = join(folder, 'found', name);
  writeFileSync(path, text);
  const { elements, errors } = await run(sshkey, { paths: [path] });
  return { path, keys: (elements as Elements).keys, errors };
}

/** A security key's public key, which only hardware could make for real. */
function securityKeys(): string[] {
  const ed25519 = Buffer.concat([
    field(Buffer.from('sk-ssh-ed25519@openssh.com')),
    field(Buffer.alloc(32, 7)),
    field(Buffer.from('ssh:')),
  ]);
  const blob = Buffer.from(keys[2]!.split(' ')[1]!, 'base64');
  const point = blob.subarray(-65);
  const ecdsa = Buffer.concat([
    field(Buffer.from('sk-ecdsa-sha2-nistp256@openssh.com')),
    field(Buffer.from('nistp256')),
    field(point),
    field(Buffer.from('ssh:')),
  ]);
  return [
    `sk-ssh-ed25519@openssh.com ${ed25519.toString('base64')} token`,
    `sk-ecdsa-sha2-nistp256@openssh.com ${ecdsa.toString('base64')} token`,
  ];
}

test('reads options of every kind, comments, blank and junk lines, and line ends of both kinds, as ssh-keygen does', async () => {
  const [rsa, dsa, ecdsa, ed25519] = keys as [string, string, string, string];
  const lines = [
    '# comment with ssh-rsa AAAA in it',
    '',
    rsa,
    `no-pty,no-port-forwarding ${ed25519}`,
    `command="echo \\"a, b\\" ssh-rsa AAAA",from="10.0.0.0/8,*.example.net" ${ecdsa}`,
    `   restrict,pty,environment="A=b c"\t${dsa}   `,
    'this line is junk',
    `cert-authority,principals="root,admin" ${ed25519}`,
    `expiry-time="20300101",permitopen="host:22",tunnel="0" ${rsa.split(' ').slice(0, 2).join(' ')}`,
    ...securityKeys(),
    `no-touch-required,verify-required ${securityKeys()[0]}`,
  ];
  for (const end of ['\n', '\r\n']) {
    const { path, keys: got, errors } = await found('authorized_keys', lines.join(end) + end);
    expect(got.map((key) => key.fingerprint_md5)).toEqual(printed(path, 'md5'));
    expect(got.map((key) => key.fingerprint_sha256)).toEqual(printed(path, 'sha256'));
    expect(got).toHaveLength(9);
    for (const key of got) expect(key).toMatchObject({ path, encrypted: false, type: 'authorizedkeys' });
    expect(errors).toBeNull();
  }
});

test('reads the private part of a security key, plain and encrypted, as ssh-keygen does', async () => {
  const text = (value: string) => field(Buffer.from(value));
  const publicBlob = Buffer.from(securityKeys()[0]!.split(' ')[1]!, 'base64');
  const [type, key] = [text('sk-ssh-ed25519@openssh.com'), field(Buffer.alloc(32, 7))];
  const handle = Buffer.concat([Buffer.from([1]), field(Buffer.alloc(64, 9)), text('')]);
  const secret = Buffer.concat([Buffer.alloc(8, 5), type, key, text('ssh:'), handle, text('token')]);
  const padding = Buffer.from(Array.from({ length: -secret.length & 7 }, (_, i) => i + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  for (const cipher of ['none', 'aes256-ctr']) {
    const kdf =
      cipher === 'none'
        ? [text('none'), text('')]
        : [text('bcrypt'), field(Buffer.concat([field(Buffer.alloc(16, 3)), Buffer.from([0, 0, 0, 16])]))];
    const parts = [
      Buffer.from('openssh-key-v1\0'),
      text(cipher),
      ...kdf,
      one,
      field(publicBlob),
      field(Buffer.concat([secret, padding])),
    ];
    const base64 = Buffer.concat(parts).toString('base64').replace(/.{70}/g, '$&\n');
    const file = `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const { path, keys: got } = await found(`id_sk_${cipher}`, file);
    chmodSync(path, 0o600);
    expect(got).toEqual([
      {
        fingerprint_md5: printed(path, 'md5')[0],
        fingerprint_sha256: printed(path, 'sha256')[0],
        path,
        encrypted: cipher !== 'none',
        type: 'private',
      },
    ]);
  }
});

test('tells authorized keys from public keys by options and number, and by name only where the content is the same', async () => {
  const [rsa, , , ed25519] = keys as [string, string, string, string];
  const typesOf = async (name: string, text: string) => (await found(name, text)).keys.map(({ type }) => type);
  expect(await typesOf('key', rsa)).toEqual(['public']);
  expect(await typesOf('authorized_keys2', rsa)).toEqual(['authorizedkeys']);
  expect(await typesOf('allowed', `restrict ${rsa}\n`)).toEqual(['authorizedkeys']);
  expect(await typesOf('allowed', `${rsa}\n${ed25519}\n`)).toEqual(['authorizedkeys', 'authorizedkeys']);
  expect(await typesOf('both.pub', `${rsa}\n${ed25519}\n`)).toEqual(['public', 'public']);
});

test('passes over the hosts of known_hosts', async () => {
  const [rsa, , ecdsa, ed25519] = keys as [string, string, string, string];
  const text = `example.net,10.0.0.1 ${ed25519}\n|1|c2FsdA==|aGFzaA== ${rsa}\n@cert-authority *.example.net ${ecdsa}\n[h]:2222 ${rsa}\n`;
  const { keys: got, errors } = await found('known_hosts', text);
  expect([got, errors]).toEqual([[], null]);
});

test('says where a line looks like a key and is none', async () => {
  const rsa = keys[0]!;
  const cut = rsa.split(' ')[1]!.slice(0, 200);
  const {
    path,
    keys: got,
    errors,
  } = await found('authorized_keys', `${rsa}\nssh-rsa ${cut} cut\nssh-ed25519 ${rsa.split(' ')[1]} x\n`);
  expect(got).toHaveLength(1);
  expect(errors).toEqual([
    `${path}: line 2 looks like a key and is none`,
    `${path}: line 3 looks like a key and is none`,
  ]);
});

test('goes down to maxdepth, answers by path, and reports what it cannot look into', async () => {
  const root = join(folder, 'deep');
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  for (const place of ['z', 'a/k', 'a/b/k', 'a/b/c/k']) writeFileSync(join(root, place), `${keys[0]}\n`);
  const at = async (maxdepth: number) => {
    const { elements } = await run(sshkey, { paths: [root], maxdepth });
    return (elements as Elements).keys.map(({ path }) => path.slice(root.length + 1));
  };
  expect(await at(0)).toEqual(['a/b/c/k', 'a/b/k', 'a/k', 'z']);
  const shallow = await at(1);
  expect(shallow).toContain('z');
  expect(shallow).not.toContain('a/b/c/k');
  const missing = await run(sshkey, { paths: [join(root, 'gone')] });
  expect(missing.success).toBe(true);
  expect(missing.errors).toHaveLength(1);
});
