/** Every module as a person meets it: `mig <module>` with its help, prompts, ways to show, and exit statuses. */
import { execFileSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyModule, flagsOf, isPersistent, printResults, type Result } from '@mig/module';
import { available } from '@mig/modules';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, run } from '../processes.ts';

let folder = '';
let listener: Server;
let clock: Socket;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mig-commands-'));
  mkdirSync(join(folder, 'empty'));
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')]);
  writeFileSync(join(folder, 'rules'), 'rule key { strings: $a = "OPENSSH PRIVATE KEY" condition: $a }');
  for (const value of ['yes', 'no']) {
    const objects = [{ object: 'o', raw: { identifiers: [{ identifier: 'i', value }] } }];
    const tests = [{ test: 't', object: 'o', exactmatch: { value: 'yes' } }];
    writeFileSync(join(folder, `${value}.json`), JSON.stringify({ variables: [], objects, tests }));
  }
  listener = createServer((socket) => socket.end());
  listener.listen(0, '127.0.0.1');
  clock = createSocket('udp4');
  clock.on('message', (question, from) => clock.send(answerOf(question), from.port, from.address));
  clock.bind(0, '127.0.0.1');
  await Promise.all([once(listener, 'listening'), once(clock, 'listening')]);
});
afterAll(() => {
  listener.close();
  clock.close();
  rmSync(folder, { recursive: true });
});

/** What an NTP server says that is an hour ahead (RFC 5905, section 7.3). */
function answerOf(question: Buffer): Buffer {
  const answer = Buffer.alloc(48);
  answer.set([0x24, 2]);
  question.copy(answer, 24, 40, 48);
  for (const at of [32, 40]) answer.writeUInt32BE((Math.floor(Date.now() / 1000) + 2_208_988_800 + 3600) % 2 ** 32, at);
  return answer;
}

interface Asking {
  /** Flags that find something on this machine, and flags that do not; made when everything is set up. */
  readonly found: () => readonly string[];
  readonly notfound?: () => readonly string[];
  /** Whether two runs may differ in what they found, since the machine goes on. */
  readonly isFleeting?: true;
}

const closedPort = () => '1';
const askings: Readonly<Record<string, Asking>> = {
  example: { found: () => ['-gethostname'], notfound: () => [] },
  file: {
    found: () => ['-path', folder, '-name', '^id$', '-content', 'PRIVATE KEY'],
    notfound: () => ['-path', folder, '-name', '^no such$'],
  },
  memory: { found: () => ['-name', '/node$'], notfound: () => ['-name', '^/no such$'], isFleeting: true },
  netstat: { found: () => ['-li', '127.0.0.0/8'], notfound: () => ['-li', '192.0.2.77'] },
  ping: {
    found: () => [
      '-d',
      '127.0.0.1',
      '-p',
      'tcp',
      '-dp',
      String((listener.address() as { port: number }).port),
      '-t',
      '20',
    ],
    notfound: () => ['-d', '127.0.0.1', '-p', 'tcp', '-dp', closedPort(), '-c', '1'],
    isFleeting: true,
  },
  pkg: { found: () => ['-name', '^dpkg$'], notfound: () => ['-name', '^no such$'] },
  process: { found: () => ['-name', '^node'], notfound: () => ['-name', '^no such$'], isFleeting: true },
  scribe: { found: () => ['-path', join(folder, 'yes.json')], notfound: () => ['-path', join(folder, 'no.json')] },
  sshkey: { found: () => ['-path', folder], notfound: () => ['-path', join(folder, 'empty')] },
  timedrift: { found: () => ['-drift', '5s', '-server', `127.0.0.1:${clock.address().port}`], isFleeting: true },
  yara: {
    found: () => ['-rules', join(folder, 'rules'), '-files', `-path ${folder} -name ^id$`],
    notfound: () => ['-rules', join(folder, 'rules'), '-files', `-path ${folder} -name pub$`],
  },
};
/** Flags as they are typed in a prompt: a flag and its value on a line, without the dash. */
function promptLines(flags: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of flags) {
    if (/^-[a-z]/.test(word) && lines.at(-1) !== 'files') lines.push(word.slice(1));
    else lines.push(`${lines.pop()} ${word}`);
  }
  return lines;
}

/** A module that does what it is told: `agent-destroy.test.ts` tells it. */
const withoutAsking = ['agentdestroy'];

const oneShot = available.modules.filter((module) => !isPersistent(module)).map(({ name }) => name);
const persistent = available.modules.filter(isPersistent).map(({ name }) => name);

test('every module that runs once is asked here', () => {
  const asked = [...Object.keys(askings), ...withoutAsking].sort();
  expect(asked, 'each module has an entry in `askings` of this file: how it finds something').toEqual(
    [...oneShot].sort(),
  );
});

describe.each(available.modules.map(({ name }) => name))('mig %s', (name) => {
  const module: AnyModule = available.get(name);

  test('help says what it answers, its flags and examples', async () => {
    const { stdout, stderr, status } = await run('mig', [name, 'help']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${name}: ${module.summary}\nRuns on ${module.platforms.join(', ')}.\n`);
    for (const flag of flagsOf(module)) {
      expect(stdout).toMatch(new RegExp(`^ {2}-${flag.name}( ${flag.hint})? +\\S`, 'm'));
      expect(stdout).toContain(flag.help);
    }
    for (const { asks } of module.examples) expect(stdout).toContain(`  ${asks}\n    mig ${name} -t local`);
    const columns = Math.max(...stdout.split('\n').map((line) => line.length));
    expect(columns).toBeLessThanOrEqual(200);
  });

  test('wrong use is one sentence that names what is wrong, and exit status 2', async () => {
    const { stdout, stderr, status } = await run('mig', [name, '-t', 'local', '-nosuchflag']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^mig: module ${name} has no flag -nosuchflag: [^\n]+\n$`));
  });
});

describe.each(Object.entries(askings))('mig %s -t local', (name, { found, notfound, isFleeting }) => {
  const module: AnyModule = available.get(name);
  const ask = (words: readonly string[], input?: string) => run('mig', [name, '-t', 'local', ...words], input);

  test('prints what it finds, a line each after the name of the machine; the prompt takes the same words, and -json gives the same', async () => {
    const people = await ask(found());
    const remark = people.stderr.replace(/^1 agent could not look at everything:\n(.+\n)*?(?=1 agent)/, '');
    expect([people.status, remark]).toEqual([0, '1 agent asked, 1 succeeded: found\n']);
    expect(people.stdout).toMatch(new RegExp(`^(${hostname()} [^\n]+\n)+$`));

    const typed = ['help', 'nosuchword', ...promptLines(found()), 'done', ''].join('\n');
    const machines = await ask(['-json', 'prompt'], typed);
    const {
      agent,
      module: asked,
      ...result
    } = JSON.parse(machines.stdout) as Result & { agent: string; module: string };
    expect([machines.status, agent, asked]).toEqual([0, hostname(), name]);
    expect(Object.keys(result)).toEqual(['foundanything', 'success', 'elements', 'statistics', 'errors']);
    expect([result.foundanything, result.success]).toEqual([true, true]);
    const lines = printResults(module, result, true).map((line) => `${hostname()} ${line}\n`);
    if (!isFleeting) expect(people.stdout).toBe(lines.join(''));

    expect(machines.stderr).toContain(`${name}: ${module.summary} Type help`);
    expect(machines.stderr).toContain(`module ${name} has no flag -nosuchword`);
    for (const flag of flagsOf(module)) expect(machines.stderr).toContain(`  ${flag.name}`);
  });

  if (notfound === undefined) return;
  test('finds nothing with exit status 0, and says so with -show notfound', async () => {
    const { stdout, stderr, status } = await ask(['-show', 'notfound', ...notfound()]);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^1 agent asked, 1 succeeded: found nothing/)]);
    expect(stdout).toMatch(new RegExp(`^${hostname()} stat: `, 'm'));
  });
});

test.each(persistent)('mig %s -t local fails with the reason where no instance runs', async (name) => {
  const words = name === 'examplepersist' ? ['-string', 'x'] : [];
  const { stdout, status } = await run('mig', [name, '-t', 'local', ...words]);
  expect(status).toBe(1);
  expect(stdout).toMatch(new RegExp(`^${hostname()} error: module ${name} (does not run|cannot be asked): [^\n]+\n$`));
});

test('remarks have a colour on a terminal, and none with NO_COLOR', () => {
  // script(1) of util-linux makes a terminal.
  const onTerminal = (environment: object) => {
    const command = `${process.execPath} packages/client/bin/mig.cjs example -t local -gethostname`;
    const env = { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', ...environment };
    return execFileSync('script', ['-qec', command, '/dev/null'], { cwd: root, encoding: 'utf8', env });
  };
  expect(onTerminal({})).toContain('\u001b[2m1 agent asked, 1 succeeded: found\u001b[0m');
  expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b');
});
