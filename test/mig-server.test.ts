/** The program mig-server as its operator meets it: processes, ports, files, signals, several of them on one database. */
import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createAction, createEnvelope, createKey, encodeAction, signEnvelope } from '@mig/action';
import {
  createClient,
  createEnrolmentToken,
  createInvestigator,
  destroyAgent,
  followAction,
  getAgent,
  getStatus,
  createAction as launchAction,
  listAudit,
  verifyAudit,
} from '@mig/api';
import { copyServerData, makeQuickFolder, startPostgres, startProcess, type TestProcess } from '@mig/testing';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const Ready = z.object({
  ready: z.literal(true),
  pid: z.int(),
  api: z.string().nullable(),
  adminsocket: z.string().nullable(),
  relay: z.array(z.string()),
  ca: z.string(),
});

let folder: string;
const started: TestProcess[] = [];
const closing: (() => Promise<unknown>)[] = [];
beforeAll(() => {
  folder = makeQuickFolder('mig-server-');
});
afterAll(async () => {
  await Promise.all(started.map((process) => process.kill()));
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** On loopback and free ports, unless it is said otherwise. */
const variables = {
  MIG_FLEET: 'lab',
  MIG_API_HOST: '127.0.0.1',
  MIG_API_PORT: '0',
  MIG_RELAY_HOST: '127.0.0.1',
  MIG_RELAY_PORT: '0',
  MIG_RELAY_WSPORT: '0',
  MIG_LOG_FORMAT: 'text',
};

function run(words: readonly string[], more: Readonly<Record<string, string>> = {}): TestProcess {
  const process = startProcess('mig-server', [...words, '--owned'], { ...variables, ...more });
  started.push(process);
  return process;
}

/** Starts a server; resolves with its ready line. */
async function serve(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const process = run(words, more);
  await process.said(/"ready":true.*\n/);
  return { process, ready: Ready.parse(JSON.parse(process.stdout())) };
}

/** What a server says that does not start, and its exit status. */
async function refusal(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const process = run(words, more);
  const status = await process.ended;
  return { status, said: process.output() };
}

/** The API as the local administrator may use it. */
function administrator(socketPath: string) {
  const dispatcher = new Agent({ connect: { socketPath }, bodyTimeout: 0 });
  closing.push(() => dispatcher.destroy());
  return createClient({
    url: 'http://localhost',
    fetch: (url, init) => fetch(url, { ...init, dispatcher }) as unknown as ReturnType<typeof globalThis.fetch>,
  });
}

/** The certificate that a server shows. */
async function certificateOf(url: string, ca: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), ca: readFileSync(ca) });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe('one server', () => {
  let datadir: string;
  beforeAll(async () => {
    datadir = join(folder, 'one');
    await copyServerData(datadir);
  });

  test('says on one line where it serves, stops on SIGTERM, and starts again as the same', async () => {
    const first = await serve(['--data-dir', datadir]);
    const { ready, process } = first;
    expect(ready).toMatchObject({ pid: process.pid, ca: join(datadir, 'ca.crt') });
    const shown = await Promise.all(
      [ready.api!, ...ready.relay].map((url) => certificateOf(url.replace(/^(mqtts|wss):/, 'https:'), ready.ca)),
    );
    expect(new Set(shown)).toEqual(
      new Set([new X509Certificate(readFileSync(join(datadir, 'server.crt'))).fingerprint256]),
    );
    expect(await administrator(ready.adminsocket!).call(getStatus)).toMatchObject({ fleet: 'lab', ready: true });
    await process.stop();
    expect(await process.ended).toBe(0);
    expect(process.stdout().trim().split('\n')).toHaveLength(1);

    const second = await serve(['--data-dir', datadir]);
    expect(await certificateOf(second.ready.api!, ready.ca)).toBe(shown[0]);

    const locked = await refusal(['--data-dir', datadir]);
    expect(locked).toEqual({
      status: 1,
      said: expect.stringMatching(
        new RegExp(
          `^mig-server: a mig-server runs here already, as process ${second.process.pid} .*: stop it first\n$`,
        ),
      ),
    });
    expect(await administrator(second.ready.adminsocket!).call(getStatus)).toMatchObject({ ready: true });

    await second.process.kill();
    const third = await serve(['--data-dir', datadir]);
    await third.process.stop();
    expect(await third.process.ended).toBe(0);
  });

  test.each(['MIG_API_PORT', 'MIG_RELAY_PORT', 'MIG_RELAY_WSPORT'])(
    'says so when the port of %s is taken',
    async (name) => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as AddressInfo;
      const { status, said } = await refusal(['--data-dir', datadir], { [name]: String(port) });
      await new Promise((resolve) => other.close(resolve));
      expect({ status, said }).toEqual({
        status: 1,
        said: expect.stringMatching(
          new RegExp(`^mig-server: (API|relay) on 127.0.0.1.*${port}.*EADDRINUSE[^\n]*\n$`, 'm'),
        ),
      });
    },
  );

  test('the audit log is verified without it: in the database, and as it was exported', async () => {
    const { ready, process } = await serve(['--data-dir', datadir]);
    const client = administrator(ready.adminsocket!);
    for (let count = 0; count < 3; count++) await client.call(createEnrolmentToken, { body: { uses: 1 } });
    const exported = join(folder, 'audit.ndjson');
    const lines: string[] = [];
    for await (const entry of client.items(listAudit)) lines.push(JSON.stringify(entry));
    writeFileSync(exported, `${lines.join('\n')}\n`);
    const { head } = await client.call(verifyAudit);
    const verify = (words: readonly string[]) => refusal(['audit', 'verify', ...words, '--data-dir', datadir]);
    const whole = { status: 0, said: `intact: ${lines.length} entries, the last has the hash ${head}\n` };
    expect(await verify([exported])).toEqual(whole);
    // The embedded database has one process.
    expect(await verify([])).toMatchObject({ status: 1, said: expect.stringContaining('a mig-server') });
    await process.stop();
    expect(await verify([])).toEqual(whole);
    writeFileSync(exported, lines.toSpliced(1, 1).join('\n'));
    expect(await verify([exported])).toEqual({
      status: 1,
      said: `broken at entry ${lines.length - 1}: the entry is missing\n`,
    });
    writeFileSync(exported, '{}');
    expect(await verify([exported])).toMatchObject({
      status: 1,
      said: expect.stringMatching(/^mig-server: .*: line 1: /),
    });
    expect(await verify([join(folder, 'none')])).toMatchObject({ status: 1, said: expect.stringContaining('ENOENT') });
  });

  test('keeps to the fleet that its certificates are of', async () => {
    const { status, said } = await refusal(['--data-dir', datadir], { MIG_FLEET: 'other' });
    expect({ status, said }).toEqual({
      status: 1,
      said: expect.stringMatching(
        /^mig-server: .* is of another fleet .*set fleet as it was, or use another data directory\n$/,
      ),
    });
  });
});

describe('what cannot be started is refused with one sentence', () => {
  const at = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const unused = () => join(folder, 'unused');
  test.each<[string, number, RegExp, () => { words: string[]; more?: Record<string, string> }]>([
    [
      'a misspelt key',
      2,
      /typo\.toml, line 2: unknown key 'api\.prot', did you mean 'api\.port'\? expected in \[api\] one of host, port, /,
      () => ({ words: ['--config', at('typo.toml', '[api]\nprot = 1\n')] }),
    ],
    [
      'a bad value',
      2,
      /bad\.toml, line 2: 'scheduler\.idleminutes': .*, got 0/,
      () => ({ words: ['--config', at('bad.toml', '[scheduler]\nidleminutes = 0\n')] }),
    ],
    [
      'a configuration that is not there',
      2,
      /none\.toml: expected a configuration file/,
      () => ({ words: ['--config', '/none.toml'] }),
    ],
    [
      'an unknown role',
      2,
      /--roles: expected some of api, scheduler, relay, got 'web'/,
      () => ({ words: ['--roles', 'web'] }),
    ],
    [
      'an unknown word',
      2,
      /expected check-config, audit verify, replace-ca, or options, got 'start'/,
      () => ({ words: ['start'] }),
    ],
    [
      'an unknown option',
      2,
      /^mig-server: expected one of --config --data-dir --roles --owned, got '--bogus'; mig-server -h says how it is used$/m,
      () => ({ words: ['--bogus'] }),
    ],
    [
      'the embedded database for a part of the roles',
      2,
      /the embedded database belongs to one process, .* set database\.url for several processes/,
      () => ({ words: ['--data-dir', unused(), '--roles', 'api'] }),
    ],
    [
      'a data directory that is a file',
      1,
      /data directory .*\/file: ENOTDIR.*: set datadir, or --data-dir/,
      () => ({ words: ['--data-dir', at('file', '')] }),
    ],
    [
      'a database that is not there, without its password',
      1,
      /database postgres:\/\/mig@127\.0\.0\.1:1\/mig: .*ECONNREFUSED/,
      () => ({ words: ['--data-dir', unused()], more: { MIG_DATABASE_URL: 'postgres://mig:geheim@127.0.0.1:1/mig' } }),
    ],
    [
      'a database whose URL is none',
      1,
      /database \(its URL cannot be read\)/,
      () => ({ words: ['--data-dir', unused()], more: { MIG_DATABASE_URL: 'postgres://mig:geheim@host:port/mig' } }),
    ],
  ])('%s', async (_, status, sentence, given) => {
    const { words, more = {} } = given();
    const ended = await refusal(words, more);
    expect(ended.said).toMatch(sentence);
    expect(ended.status).toBe(status);
    expect(ended.said).not.toMatch(/geheim|^ +at /m);
    expect(ended.said.split('\n')[0]).toMatch(/^mig-server: /);
  });
});

test('several processes on one PostgreSQL server are one platform, and a destroyed agent is cut off', async () => {
  const postgres = await startPostgres();
  closing.push(() => postgres.close());
  const shared = { MIG_DATABASE_URL: postgres.url };
  const wire = await serve(['--data-dir', join(folder, 'wire'), '--roles', 'scheduler,relay'], shared);
  const others = { ...shared, MIG_RELAY_URLS: wire.ready.relay[0]! };
  /** The CA is what makes them one fleet. */
  const withAuthority = (name: string) => {
    mkdirSync(join(folder, name), { mode: 0o700 });
    for (const file of ['ca.crt', 'ca.key']) cpSync(join(folder, 'wire', file), join(folder, name, file));
    return join(folder, name);
  };
  const alone = join(folder, 'alone');
  const lacking = await refusal(['--data-dir', alone, '--roles', 'api'], others);
  expect(lacking).toMatchObject({
    status: 1,
    said: expect.stringMatching(/^mig-server: there is no CA in .*copy ca\.crt/),
  });
  expect(existsSync(join(alone, 'ca.key'))).toBe(false);

  const [here, there, standby] = await Promise.all([
    serve(['--data-dir', withAuthority('here'), '--roles', 'api'], others),
    serve(['--data-dir', withAuthority('there'), '--roles', 'api'], others),
    serve(['--data-dir', withAuthority('standby'), '--roles', 'scheduler'], others),
  ]);
  expect(standby.ready).toMatchObject({ api: null, adminsocket: null, relay: [wire.ready.relay[0]] });

  const [atHere, atThere] = [administrator(here.ready.adminsocket!), administrator(there.ready.adminsocket!)];
  const passphrase = 'correct horse';
  const key = await createKey({ name: 'Dana', passphrase, now: new Date(Date.now() - 60_000) });
  await atHere.call(createInvestigator, {
    body: { name: 'Dana', publickey: key.publicKey, permissions: ['read', 'launch'] },
  });
  const { token } = await atThere.call(createEnrolmentToken, { body: { uses: 1 } });
  const { agent, agentid } = await enrol(here.ready.api!, token, key);

  const operations = [{ module: 'example', parameters: { gethostname: true } }];
  const action = createAction({ fleet: 'lab', name: 'a question', target: 'true', operations });
  const envelope = await signEnvelope(createEnvelope(encodeAction(action)), { privateKey: key.privateKey, passphrase });
  await atHere.call(launchAction, { body: envelope });
  const heard: string[] = [];
  for await (const { event } of atThere.follow(followAction, { params: { id: action.id } })) {
    heard.push(event);
    if (event === 'end') break;
  }
  expect(heard.filter((event) => event === 'command')).toHaveLength(1);

  await atThere.call(destroyAgent, { params: { id: agentid } });
  await wire.process.said(/the agent was taken out of the fleet/);
  expect(await atHere.call(getAgent, { params: { id: agentid } })).toMatchObject({ status: 'destroyed' });
  await agent.kill();

  // Another CA is refused, until somebody says that it shall be.
  const replacing = await refusal(['replace-ca', '--data-dir', alone, '--roles', 'api'], others);
  expect(replacing).toMatchObject({ status: 0, said: expect.stringMatching(/^the fleet's CA is the one in /) });
  const before = new X509Certificate(readFileSync(wire.ready.ca)).fingerprint256.replaceAll(':', '').toLowerCase();
  const now = new X509Certificate(readFileSync(join(alone, 'ca.crt'))).fingerprint256.replaceAll(':', '').toLowerCase();
  expect((await atHere.call(listAudit)).items[0]).toMatchObject({
    event: 'CA replaced',
    subject: now,
    details: { before },
  });
  await there.process.stop();
  const other = await refusal(['--data-dir', join(folder, 'there'), '--roles', 'api'], others);
  expect(other).toMatchObject({
    status: 1,
    said: expect.stringContaining(`has the SHA-256 ${before}, and the database`),
  });
  expect(other.said).toContain(now);
});

/** Enrols a real agent that trusts `key`, and starts it; resolves once it is connected. */
async function enrol(server: string, token: string, { publicKey, fingerprint }: Awaited<ReturnType<typeof createKey>>) {
  const [configDirectory, stateDirectory] = [join(folder, 'agent/etc'), join(folder, 'agent/var')];
  mkdirSync(join(configDirectory, 'keys'), { recursive: true });
  writeFileSync(join(configDirectory, 'keys/dana.asc'), publicKey);
  const permission = { minimumweight: 1, investigators: { Dana: { fingerprint, weight: 1 } } };
  writeFileSync(join(configDirectory, 'acl.json'), JSON.stringify({ default: permission }));
  const directories = ['--config-dir', configDirectory, '--state-dir', stateDirectory];
  const enrolling = startProcess('mig-agent', ['enrol', '--server', server, '--token', token, ...directories]);
  expect([await enrolling.ended, enrolling.output()]).toEqual([0, expect.anything()]);
  const agent = startProcess('mig-agent', [...directories, '--owned']);
  started.push(agent);
  await agent.said(/connected to the platform/);
  const { agentid } = z
    .object({ agentid: z.string() })
    .parse(JSON.parse(readFileSync(join(configDirectory, 'enrolment.json'), 'utf8')));
  return { agent, agentid };
}
