import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey, createUuid, readKeyring, verifySignatures } from '@mig/action';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ContractServer,
  send,
  summaryOf,
  withContractServer,
} from '../packages/client/src/testing/contract-server.ts';
import { type Ended, ended, root } from './processes.ts';

const passphrase = 'correct horse';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-fleet-'));
  writeFileSync(join(folder, 'passphrase'), `${passphrase}\n`, { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = () => join(folder, 'config.toml');

function mig(words: readonly string[], variables: Record<string, string> = {}): Promise<Ended> {
  return ended(startMig(words, variables));
}

function startMig(words: readonly string[], variables: Record<string, string> = {}): ChildProcess {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    MIG_PASSPHRASE_FILE: join(folder, 'passphrase'),
  };
  return spawn(process.execPath, [join(root, 'packages/client/bin/mig.cjs'), ...words], {
    env: { ...environment, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** GnuPG with a keyring of its own, whose agent is ended afterwards. */
async function withGnuPg(use: (home: string, fingerprint: string, publicKey: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'gpg-'));
  const gpg = (...words: string[]) =>
    execFileSync(
      'gpg',
      ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase, ...words],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
  try {
    gpg('--quick-generate-key', 'Erin <erin@example.net>', 'ed25519', 'sign', 'never');
    const fingerprint = /^fpr:+([0-9A-F]{40})/m.exec(gpg('--with-colons', '--list-secret-keys'))![1]!;
    writeFileSync(join(folder, 'erin.key'), gpg('--armor', '--export-secret-keys', fingerprint));
    await use(home, fingerprint, gpg('--armor', '--export', fingerprint));
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  }
}

/** A fleet with two agents: web1 has answered, and web2 is asleep until its time runs out. */
async function withFleet(use: (server: ContractServer) => Promise<void>): Promise<void> {
  writeFileSync(config(), '');
  expect((await mig(['key', 'create', '-name', 'Dana', '--config', config()])).stdout).toMatch(/^[0-9A-F]{40}\n$/);
  const known = (await mig(['key', 'export', '--config', config()])).stdout;
  await withContractServer(known, async (server) => {
    writeFileSync(config(), `url = "${server.url}"\nca = "${server.ca}"\nfleet = "lab"\n`);
    server.answer = (request, response) => answerAsFleet(server, request.url ?? '', request.headers, response);
    await use(server);
  });
}

const seen = '2026-01-02T03:04:05.000Z';

function commandOf(actionid: string, name: string, status: string): object {
  const result = {
    foundanything: true,
    success: true,
    elements: { hostname: name },
    statistics: null,
    errors: null,
  };
  const isDone = status === 'success';
  return {
    id: createUuid(),
    actionid,
    agentid: createUuid(),
    status,
    results: isDone ? [result] : null,
    refusals: [],
    starttime: isDone ? seen : null,
    finishtime: isDone ? seen : null,
    agentname: name,
    agentstatus: isDone ? 'online' : 'offline',
    lastseen: seen,
    change: 7,
  };
}

function answerAsFleet(
  server: ContractServer,
  url: string,
  headers: Readonly<Record<string, unknown>>,
  response: Parameters<ContractServer['answer']>[1],
): boolean {
  const envelope = server.launched[0];
  if (envelope === undefined) return false;
  const counters = { done: 2, success: 1, expired: 1, found: 1 };
  const finished = summaryOf(envelope, counters, 'finished') as { id: string };
  if (/\/events/.test(url)) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = (name: string, id: number, data: object) =>
      response.write(`event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
    if (headers['last-event-id'] === undefined) {
      event('command', 7, commandOf(finished.id, 'web1', 'success'));
      // The connection is cut in the middle of the stream.
      setTimeout(() => response.destroy(), 20);
      return true;
    }
    event('end', 8, finished);
    response.end();
    return true;
  }
  if (/\/commands/.test(url)) {
    const status = /status=expired/.test(url) ? 'expired' : 'success';
    send(response, 200, {
      items: [commandOf(finished.id, status === 'expired' ? 'web2' : 'web1', status)],
      next: null,
    });
    return true;
  }
  if (/\/actions\?id=/.test(url)) {
    send(response, 200, { items: [finished], next: null });
    return true;
  }
  if (url.endsWith(`/actions/${finished.id}`)) {
    send(response, 200, finished);
    return true;
  }
  return false;
}

describe('mig against a platform', () => {
  test('logs in, counts, signs, launches, prints answers over a broken stream, and says who is missing', () =>
    withFleet(async (server) => {
      const { stdout, stderr, status } = await mig([
        'example',
        '-t',
        'online',
        '-y',
        '-gethostname',
        '--config',
        config(),
      ]);
      const id = (summaryOf(server.launched[0]!) as { id: string }).id;
      expect([stdout, status]).toEqual(['web1 hostname is web1\n', 1]);
      expect(stderr.split('\n')).toEqual([
        "target: status = 'online'",
        '2 agents targeted, 1 online, 1 offline: web1, web2',
        '1 agent is not online and not asked; the target all is for them too, should they come before the action expires',
        `launched ${id}: example -gethostname`,
        expect.stringContaining('the stream broke, going on where it was: '),
        '2 sent, 2 done, 1 succeeded, 1 found, 1 expired',
        'not answered: 1 agent',
        expect.stringMatching(/^ {2}web2 {2}expired, agent offline, last seen \S+ ago \(2026-01-02T03:04:05Z\)$/),
        '',
      ]);
      expect(server.asked.at(-2)).toBe(`GET /actions/${id}/events after 7`);
      expect(statSync(join(folder, 'session.json')).mode & 0o777).toBe(0o600);

      const again = await mig(['results', id.slice(-8), '-ndjson', '--config', config()]);
      expect(JSON.parse(again.stdout)).toMatchObject({ agent: 'web1', results: [{ module: 'example' }] });
      expect(server.asked.filter((line) => line === 'POST /sessions')).toHaveLength(1);

      server.tokens.clear();
      expect((await mig(['results', id, '-csv', '--config', config()])).stdout).toMatch(
        /^agent,agentid,status,foundanything,finishtime,line\nweb1,\S+,success,true,\S+,hostname is web1\n$/,
      );
      expect(server.asked.filter((line) => line === 'POST /sessions')).toHaveLength(2);
    }));

  test('refuses a platform whose certificate is of another CA, and one of another fleet, and signs nothing', () =>
    withFleet(async (server) => {
      writeFileSync(config(), `url = "${server.url}"\n`);
      const unknownCa = await mig(['actions', '--config', config()]);
      expect([unknownCa.status, unknownCa.stderr]).toEqual([1, expect.stringMatching(/certificate/)]);
      writeFileSync(config(), `url = "${server.url}"\nca = "${server.ca}"\nfleet = "other"\n`);
      const otherFleet = await mig(['actions', '--config', config()]);
      expect(otherFleet.stderr).toMatch(/is the platform of the fleet 'lab', expected 'other'.*nothing was signed/);
      expect(server.asked).not.toContain('POST /sessions');
    }));

  test('tells what is wrongly typed before it asks, signs or waits, in words and with exit status 2', () =>
    withFleet(async (server) => {
      const file = join(folder, 'action.json');
      const operations = [{ module: 'netstta', parameters: {} }];
      writeFileSync(file, JSON.stringify({ name: 'n', target: 'true', operations, syntaxversion: 2 }));
      for (const [words, expected] of [
        [
          ['netstat', '-t', 'all', '-e', '10', '-lp', '22'],
          "-e: expected a duration such as 90s, 5m, 1h30m or 2d, got '10'",
        ],
        [['netstat', '-t', 'all', '-lp', '80843'], 'flag -lp: expected at most 65535, got 80843'],
        [['-i', file], "there is no module 'netstta': did you mean netstat?"],
        [['-i', file, '-e', '5x'], '-e: expected a duration'],
        [['apikey', 'make'], "apikey: expected create, list or delete, got 'make'"],
        [['macros', 'set', 'web'], 'macros: expected set NAME TARGET, delete NAME, or nothing'],
      ] as const) {
        const { stderr, stdout, status } = await mig([...words, '--config', config()]);
        expect([stdout, status]).toEqual(['', 2]);
        expect(stderr).toContain(expected);
      }
      expect(server.launched).toEqual([]);
      const missing = await mig(['-i', join(folder, 'none.json'), '--config', config()]);
      expect([missing.status, missing.stderr]).toEqual([1, `mig: ${folder}/none.json: no such file or directory\n`]);
    }));

  test('does not launch an envelope again: it follows it, and refuses one that was signed since', () =>
    withFleet(async (server) => {
      const signed = await mig(['example', '-t', 'all', '-s', '-gethostname', '--config', config()]);
      const file = join(folder, 'signed.json');
      writeFileSync(file, signed.stdout);
      expect((await mig(['-i', file, '-y', '--config', config()])).stdout).toBe('web1 hostname is web1\n');
      const standard = server.answer;
      server.answer = (request, response) => {
        if (!/\/envelope$/.test(request.url ?? '')) return standard(request, response);
        send(response, 200, server.launched[0]);
        return true;
      };
      const again = await mig(['-i', file, '-y', '--config', config()]);
      expect(again.stderr).toContain('launched already, at ');
      expect(again.stdout).toBe('web1 hostname is web1\n');

      const envelope = JSON.parse(signed.stdout) as { signatures: object[] };
      const more = { ...envelope, signatures: [...envelope.signatures, { keyid: 'A'.repeat(40), sig: 'AAAA' }] };
      writeFileSync(file, JSON.stringify(more));
      const refused = await mig(['-i', file, '-y', '--config', config()]);
      expect(refused.stderr).toMatch(/was launched already, at .*agents run it once: make it anew with -s/);
      expect([refused.status, server.launched.length]).toEqual([1, 1]);
    }));

  test('ctrl-c stops following and not the action, and says how to come back', () =>
    withFleet(async (server) => {
      const standard = server.answer;
      server.answer = (request, response) => {
        if (!/\/events/.test(request.url ?? '')) return standard(request, response);
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': nothing yet\n\n');
        setTimeout(() => child.kill('SIGINT'), 200);
        return true;
      };
      const child = startMig(['example', '-t', 'all', '-y', '-gethostname', '--config', config()]);
      const { stderr, status } = await ended(child);
      const { id } = summaryOf(server.launched[0]!) as { id: string };
      expect(status).toBe(130);
      expect(stderr).toContain(`the action goes on:\n  mig results ${id} -f  `);
      expect(stderr).toContain(`  mig cancel ${id} `);
      expect(stderr).toContain('not answered:');
      expect(server.asked.filter((line) => line.includes('cancellation'))).toEqual([]);
    }));

  test('ctrl-c during the countdown launches nothing', () =>
    withFleet(async (server) => {
      const child = startMig(['example', '-t', 'all', '-gethostname', '--config', config()]);
      child.stderr?.on('data', (text: Buffer) => text.includes('launching in 5 s') && child.kill('SIGINT'));
      const { stderr, status } = await ended(child);
      expect(status).toBe(1);
      expect(stderr).toContain('stopped: nothing was launched');
      expect(server.launched).toEqual([]);
    }));

  test('agent-package makes what endpoints need, with the keys of the operator', () =>
    withFleet(async (server) => {
      const standard = server.answer;
      server.answer = (request, response) => {
        if (request.url !== '/api/v1/enrolment-tokens') return standard(request, response);
        const token = {
          id: createUuid(),
          name: '',
          tags: {},
          uses: 0,
          usesleft: null,
          expiretime: seen,
          createtime: seen,
        };
        send(response, 201, { ...token, createdby: 'Dana', token: 'secret.00' });
        return true;
      };
      const out = join(folder, 'web');
      const unreachable = await mig(['agent-package', '-out', out, '--config', config()]);
      expect([unreachable.status, unreachable.stderr, existsSync(out)]).toEqual([
        2,
        expect.stringContaining(`other machines do not reach ${server.url}: expected -server URL`),
        false,
      ]);
      const here = await mig([
        'agent-package',
        '-out',
        join(folder, 'here'),
        '-server',
        server.url,
        '--config',
        config(),
      ]);
      expect(here.status).toBe(0);
      expect(readFileSync(join(folder, 'here', 'mig-agent.toml'), 'utf8')).toContain(server.url);
      const words = ['agent-package', '-out', out, '-server', 'https://mig.example.net:8443', '--config', config()];
      expect((await mig(words)).stdout).toBe(`${out}\n`);
      const [{ fingerprint }] = JSON.parse((await mig(['key', 'list', '-json', '--config', config()])).stdout);
      const { default: permission } = JSON.parse(readFileSync(join(out, 'acl.json'), 'utf8'));
      expect(Object.values(permission.investigators)).toEqual([{ fingerprint, weight: 1 }]);
      expect(readFileSync(join(out, 'keys', `${fingerprint}.asc`), 'utf8')).toMatch(/^-----BEGIN PGP PUBLIC KEY/);
      expect([readFileSync(join(out, 'token'), 'utf8'), statSync(join(out, 'token')).mode & 0o777]).toEqual([
        'secret.00\n',
        0o600,
      ]);
      expect(readFileSync(join(out, 'mig-agent.toml'), 'utf8')).toContain('server = "https://mig.example.net:8443"');
    }));

  test('mig init takes the CA that has the right fingerprint only', () =>
    withFleet(async (server) => {
      rmSync(config());
      const wrong = await mig(['init', '-url', server.url, '-ca-sha256', 'ab', '-key', '', '--config', config()]);
      expect([wrong.status, existsSync(config())]).toEqual([1, false]);
      expect(wrong.stderr).toMatch(/expected ab: nothing was written/);
      const text = execFileSync('openssl', ['x509', '-in', server.ca, '-noout', '-fingerprint', '-sha256'], {
        encoding: 'utf8',
      });
      const fingerprint = text.trim().split('=')[1]!;
      const right = await mig([
        'init',
        '-url',
        server.url,
        '-ca-sha256',
        fingerprint,
        '-key',
        '',
        '--config',
        config(),
      ]);
      expect([right.stderr, right.status]).toEqual([`wrote ${config()}\n`, 0]);
      expect(readFileSync(config(), 'utf8')).toContain('fleet = "lab"');
    }));
});

describe('mig with GnuPG', () => {
  test('signs through gpg, and with a secret key that gpg exported; both verify, side by side with our own', () =>
    withGnuPg(async (home, fingerprint, publicKey) => {
      const dana = await createKey({ name: 'Dana', passphrase });
      writeFileSync(join(folder, 'dana.key'), dana.privateKey);
      const keyring = await readKeyring([publicKey, dana.publicKey]);
      writeFileSync(config(), '');
      const imported = await mig(['key', 'import', join(folder, 'erin.key'), '--config', config()]);
      expect(imported.stdout).toBe(`${fingerprint}\n`);
      await withContractServer(`${publicKey}\n${dana.publicKey}`, async (server) => {
        const at = `url = "${server.url}"\nca = "${server.ca}"\n`;
        const words = ['example', '-t', 'all', '-s', '-gethostname', '--config', config()];
        writeFileSync(config(), `${at}signer = "gpg"\nkey = "${fingerprint}"\n`);
        const byGnuPg = await mig(words, { GNUPGHOME: home });
        expect(byGnuPg.stderr).toBe('2 agents targeted, 1 online, 1 offline: web1, web2\n');
        writeFileSync(join(folder, 'signed.json'), byGnuPg.stdout);

        writeFileSync(config(), `${at}key = "${join(folder, 'dana.key')}"\n`);
        const byBoth = await mig(['-i', join(folder, 'signed.json'), '-s', '--config', config()]);
        writeFileSync(config(), `${at}key = "${fingerprint}"\n`);
        const byImported = await mig(words);
        for (const [text, signers] of [
          [byBoth.stdout, [fingerprint, dana.fingerprint]],
          [byImported.stdout, [fingerprint]],
        ] as const) {
          const verdicts = await verifySignatures(JSON.parse(text) as never, keyring, new Date());
          expect(verdicts.map((verdict) => [verdict.valid, verdict.fingerprint])).toEqual(
            signers.map((one) => [true, one]),
          );
        }
        expect(server.launched).toEqual([]);
      });
    }));

  test('keeps no key without a passphrase, and takes no passphrase from a file that others can read', async () => {
    writeFileSync(config(), '');
    const secret = join(folder, 'open.key');
    const home = mkdtempSync(join(tmpdir(), 'gpg-'));
    const gpg = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', ''];
    try {
      execFileSync('gpg', [...gpg, '--quick-generate-key', 'Open', 'ed25519', 'sign', 'never'], { stdio: 'pipe' });
      writeFileSync(secret, execFileSync('gpg', [...gpg, '--armor', '--export-secret-keys'], { stdio: 'pipe' }));
    } finally {
      execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
      rmSync(home, { recursive: true, force: true });
    }
    expect((await mig(['key', 'import', secret, '--config', config()])).stderr).toMatch(/has no passphrase: set one/);
    writeFileSync(join(folder, 'shared'), 'x\n', { mode: 0o644 });
    const shared = await mig(['key', 'create', '-name', 'D', '--config', config()], {
      MIG_PASSPHRASE_FILE: join(folder, 'shared'),
    });
    expect([shared.status, shared.stderr]).toEqual([1, expect.stringMatching(/only its owner can read, got mode 644/)]);
    expect(existsSync(join(folder, 'keys'))).toBe(false);
  });
});
