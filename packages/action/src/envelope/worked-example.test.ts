import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAcl } from '../acl/acl.ts';
import { readKeyring } from '../keyring/keyring.ts';
import { type MessageKind, messageKinds } from '../messages/kinds.ts';
import { createGnupg, type Gnupg } from '../testing/gnupg.ts';
import { verifyAction } from '../verify/verify-action.ts';
import { parseEnvelope } from './envelope.ts';
import { verifySignatures } from './verify-signatures.ts';

const root = join(import.meta.dirname, '../../../..');
const example = join(root, 'packages/action/testdata/worked-example');
const page = readFileSync(join(root, 'docs/action.md'), 'utf8');
const dana = 'C51555B230879F37C5CB396C7F9FA039B3CD6924';
const now = new Date('2025-01-01T12:00:00Z');
let folder: string;
let gpg: Gnupg;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-example-'));
  cpSync(example, folder, { recursive: true });
  gpg = createGnupg();
});
afterEach(() => {
  gpg.close();
  rmSync(folder, { recursive: true });
});

/** Runs the commands that the page shows under a heading; `jq` and `gpg` are the reader's. */
function runBlock(heading: string): string {
  const section = page.slice(page.indexOf(`### ${heading}\n`));
  const script = /```sh\n([\s\S]*?)```/.exec(section)![1]!;
  const env = { PATH: process.env['PATH'], GNUPGHOME: gpg.home, LC_ALL: 'C.UTF-8' };
  try {
    return execFileSync('sh', ['-euc', `exec 2>&1\n${script}`], { cwd: folder, env }).toString();
  } catch (error) {
    const { stdout } = error as { stdout?: Buffer };
    throw new Error(`${stdout}\nthe page needs the Debian packages gnupg and jq`, { cause: error });
  }
}

test('the page shows the envelope of the example, and it is accepted', async () => {
  const text = readFileSync(join(example, 'envelope.json'), 'utf8');
  const acl = parseAcl(`{"default":{"minimumweight":1,"investigators":{"Dana":{"fingerprint":"${dana}","weight":1}}}}`);
  const keyring = await readKeyring([readFileSync(join(example, 'dana.asc'))]);

  expect(page).toContain(`\`\`\`json\n${text}\`\`\``);
  const question = { envelope: text, keyring, acl, now, fleet: 'lab', seen: () => false, modules: ['file'] };
  expect(await verifyAction(question)).toMatchObject({
    accepted: true,
    operations: [{ module: 'file', allowed: true }],
  });
});

test('the page shows an access list that is one', () => {
  const lists = [...page.matchAll(/```json\n(\{\n {2}"default"[\s\S]*?)```/g)];

  expect(lists.map(([, text]) => Object.keys(parseAcl(text!)))).toEqual([['default', 'memory']]);
});

test('the page lists every message as the relay carries it', () => {
  const rows = [...page.matchAll(/^\| `(to|from)\/(\w+)` \| (\d)(, retained)? \| (\d+) ([KM])iB \| (.*) \|$/gm)];
  const kinds = Object.entries(messageKinds);
  const rounded = (bytes: number) => (bytes >= 6 * 1024 ** 2 ? Math.floor(bytes / 1024 ** 2) * 1024 ** 2 : bytes);

  expect(
    rows.map(([, to, kind, qos, retained, size, unit]) => [to, kind, qos, retained !== undefined, `${size}${unit}`]),
  ).toEqual(
    kinds.map(([kind, { direction, qos, retain, longestBytes }]) => {
      const kibibytes = rounded(longestBytes) / 1024;
      return [direction, kind, String(qos), retain, kibibytes >= 1024 ? `${kibibytes / 1024}M` : `${kibibytes}K`];
    }),
  );
  for (const [, , kind, , , , , says] of rows) {
    const shape = messageKinds[kind as MessageKind].schema.unwrap().shape;
    for (const field of Object.keys(shape)) expect(says).toContain(`\`${field}\``);
  }
});

test('an auditor verifies it with the commands of the page', () => {
  const output = runBlock('Verifying by hand');

  expect(output).toContain('Good signature from "Dana Reyes <dana@example.net>"');
  expect(output.replaceAll(' ', '')).toContain(dana);
  expect(output).toContain('"name": "who may log in"');
});

test('an investigator adds a signature with the commands of the page', async () => {
  const erin = gpg.createKey('Erin <erin@example.net>');
  runBlock('Verifying by hand');
  runBlock('Signing by hand');

  const envelope = parseEnvelope(readFileSync(join(folder, 'signed-by-two.json')));
  const keyring = await readKeyring([readFileSync(join(example, 'dana.asc')), gpg.publicKey(erin)]);
  const verdicts = await verifySignatures(envelope, keyring, new Date());
  expect(verdicts.map(({ fingerprint, valid }) => [fingerprint, valid])).toEqual([
    [dana, true],
    [erin, true],
  ]);
});
