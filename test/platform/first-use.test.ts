/** What a new investigator does first, as docs/command-line.md has it, against a whole platform; macros and API keys. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlatform, startProcess, type TestPlatform } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal } from '../terminal.ts';

let platform: TestPlatform;
let close = async () => {};
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-first-'));
  ({ platform, close } = await openPlatform());
  await Promise.all([platform.enrol('web1'), platform.enrol('db1')]);
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

async function ended(process: ReturnType<typeof startProcess>) {
  return { status: await process.ended, stdout: process.stdout(), output: process.output() };
}

const dana = (...words: string[]) => ended(platform.mig(words));

test('the first command asks for the platform and makes a key; once an administrator has added it, the platform knows whose it is', async () => {
  const home = join(folder, 'erin');
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'a long one\n', { mode: 0o600 });
  const erin = (...words: string[]) =>
    ended(startProcess('mig', words, { HOME: home, MIG_PASSPHRASE_FILE: passphrase }));
  const config = join(home, '.config/mig/config.toml');
  const answer = execFileSync('openssl', ['x509', '-in', platform.ca, '-noout', '-fingerprint', '-sha256'], {
    encoding: 'utf8',
  });
  const expected = answer.trim().split('=')[1]!.replaceAll(':', '').toLowerCase();

  const alone = await erin('agents');
  expect([alone.status, alone.output]).toEqual([2, expect.stringContaining(`mig init makes ${config}`)]);

  const { type, shows, ended: left } = atTerminal('mig', ['agents'], { HOME: home });
  await shows(/URL of the platform/);
  type(`${new URL(platform.url).host}\r`);
  const [, shown] = await shows(/shows a CA with SHA-256[\s\S]*?([0-9a-f]{64})/);
  expect(shown).toBe(expected);
  await shows(/Is it\?/);
  type('yes\r');
  await shows(/Your name, for a new key/);
  type('Erin Ito\r');
  await shows(/Your e-mail address/);
  type('erin@example.net\r');
  await shows(/Passphrase for the new key/);
  type('a long one\r');
  await shows(/Once more/);
  type('a long one\r');
  const [, fingerprint = ''] = await shows(/made the key ([0-9A-F]{40})/);
  // It goes on with what was asked for: the platform does not know the key yet.
  await shows(/[Pp]assphrase/);
  type('a long one\r');
  await shows(new RegExp(`knows no active investigator with the key ${fingerprint}: an administrator adds one`));
  expect(await left).toBe(1);
  expect(readFileSync(config, 'utf8')).toMatch(new RegExp(`^url = "${platform.url}"\\nfleet = "lab"\\n`));
  const kept = join(home, '.config/mig/keys', fingerprint);
  expect(statSync(`${kept}.key`).mode & 0o777).toBe(0o600);
  expect(existsSync(`${kept}.revocation`)).toBe(true);

  const file = join(folder, 'erin.asc');
  writeFileSync(file, (await erin('key', 'export')).stdout);
  const read = execFileSync('gpg', ['--homedir', folder, '--with-colons', '--show-keys', file], { encoding: 'utf8' });
  expect(read).toContain(`:${fingerprint}:`);
  expect(read).toContain(':Erin Ito <erin@example.net>:');

  const added = await dana('investigators', 'add', '-name', 'Erin Ito', '-key', file);
  expect(added.status).toBe(0);
  const self = await erin('investigators', 'self');
  expect([self.status, self.stdout]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^Erin Ito {2}active {2}read,launch {2}${fingerprint} {2}\\S+$`, 'm')),
  ]);
  const agents = await erin('agents');
  expect(agents.stdout).toMatch(/^db1 [\s\S]*^web1 /m);
  // Without the administrator's permission.
  const refused = await erin('investigators', 'disable', 'dana');
  expect([refused.status, refused.output]).toEqual([1, expect.stringContaining('admin')]);

  const again = await erin('init');
  expect([again.status, again.output]).toEqual([1, `mig: ${config} is there already: edit it, or remove it first\n`]);
});

test('a macro stands for its target until it is ended', async () => {
  const listed = await dana('macros');
  expect(listed.stdout).toMatch(/^online {2,}the platform {2}status = 'online'$/m);
  expect(listed.stdout).not.toMatch(/ you /);

  const set = await dana('macros', 'set', 'web', "name LIKE 'web%'");
  expect([set.status, set.output]).toEqual([0, "web stands for name LIKE 'web%'\n"]);
  expect((await dana('macros')).stdout).toMatch(/^web {2,}you {2,}name LIKE 'web%'$/m);
  const lines = (await dana('macros', '-json')).stdout.trim().split('\n');
  const macros = lines.map((line) => JSON.parse(line) as { name: string });
  expect(macros.find(({ name }) => name === 'web')).toEqual({
    name: 'web',
    target: "name LIKE 'web%'",
    shipped: false,
  });
  const agents = await dana('agents', '-t', 'web');
  expect(agents.stdout).toMatch(/^web1 /m);
  expect(agents.stdout).not.toMatch(/^db1 /m);

  const broken = await dana('macros', 'set', 'bad', 'name LIKE');
  expect([broken.status, broken.output]).toEqual([1, expect.stringMatching(/^mig: .+/)]);
  const shipped = await dana('macros', 'set', 'online', 'true');
  expect([shipped.status, shipped.output]).toEqual([1, expect.stringContaining('online')]);

  expect((await dana('macros', 'delete', 'web')).output).toBe('web is gone\n');
  const after = await dana('agents', '-t', 'web');
  expect([after.status, after.stdout]).toEqual([1, '']);
  expect((await dana('macros', 'delete', 'web')).status).toBe(1);
});

test('a program asks with an API key, and does not any more once it is ended', async () => {
  const made = await dana('apikey', 'create', 'dashboard', '-expires', '30d');
  expect([made.status, made.stdout]).toEqual([0, expect.stringMatching(/^mig_[0-9a-f]{64}\n$/)]);
  const [, id = '', until = ''] = /^API key (\S+), until (\S+); it is shown this once$/m.exec(made.output)!;
  expect(Date.parse(until) - Date.now()).toBeGreaterThan(29 * 86_400_000);
  const settings = { MIG_URL: platform.url, MIG_CA: platform.ca, HOME: join(folder, 'nobody') };
  const program = (...words: string[]) =>
    ended(startProcess('mig', words, { ...settings, MIG_APIKEY: made.stdout.trim() }));

  expect((await dana('apikey', 'list')).stdout).toMatch(new RegExp(`^${id} {2}dashboard {2}\\S+ {2}never `, 'm'));
  const asked = await program('agents', '-json');
  const names = asked.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { name: string }).name);
  expect([asked.status, names]).toEqual([0, ['db1', 'web1']]);
  const listed = await dana('apikey', 'list', '-json');
  expect(JSON.parse(listed.stdout)).toMatchObject({
    id,
    name: 'dashboard',
    lastusedtime: expect.stringMatching(/^20/),
  });
  expect(listed.stdout).not.toContain(made.stdout.trim());
  // A key makes no keys.
  expect((await program('apikey', 'create', 'another')).status).toBe(1);

  expect((await dana('apikey', 'delete', id)).output).toBe(`API key ${id} is no more\n`);
  const refused = await program('agents');
  expect([refused.status, refused.stdout]).toEqual([1, '']);
  expect((await dana('apikey', 'list')).output).toBe('there are no API keys\n');
});
