/** One question on its way through the whole system: built programs, real connections, results read back both ways. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAction, createEnvelope, encodeAction, encodeBase64, signedBytesOf } from '@mig/action';
import { createInvestigator, createAction as launchAction } from '@mig/api';
import { isPersistent } from '@mig/module';
import { available } from '@mig/modules';
import { openPlatform, type TestAgent, type TestPlatform } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withHolder } from '../../packages/modules/src/memory/testing/memory-holder.ts';

let platform: TestPlatform;
let here: TestAgent;
let close = async () => {};
beforeAll(async () => {
  ({ platform, close } = await openPlatform());
  here = await platform.enrol('here');
  await here.start();
});
afterAll(() => close());

const whoAreYou = { module: 'example', parameters: { gethostname: true } };

test('a signed action reaches the agent that is there at once, and the other when it connects', async () => {
  const away = await platform.enrol('away');
  const asked = platform.mig(['example', '-t', 'all', '-e', '1m', '-y', '-gethostname']);
  await asked.said(/^here hostname is/m);
  expect(asked.stdout()).toBe(`here hostname is ${hostname()}\n`);
  const id = /launched (\S+):/.exec(asked.output())![1]!;
  const streamed = platform.follow(id);
  expect((await platform.commands(id)).map(({ agentname, status }) => [agentname, status])).toEqual([
    ['away', 'pending'],
    ['here', 'success'],
  ]);

  await away.start();
  expect(await asked.ended).toBe(0);
  expect(asked.stdout()).toBe(`here hostname is ${hostname()}\naway hostname is ${hostname()}\n`);
  expect(asked.output()).toMatch(/^2 agents targeted, 1 online, 1 offline: away, here$/m);
  expect(asked.output()).toMatch(/^2 sent, 2 done, 2 succeeded, 2 found$/m);
  const stored = await platform.commands(id);
  expect(stored.map(({ agentname, status, results }) => [agentname, status, results?.[0]?.elements])).toEqual(
    ['away', 'here'].map((name) => [name, 'success', { hostname: hostname() }]),
  );
  const { commands, end } = await streamed;
  const last = new Map(commands.map((command) => [command.agentname, command]));
  expect([last.get('away'), last.get('here')]).toEqual(stored);
  expect(end).toMatchObject({ status: 'finished', counters: { targeted: 2, done: 2, success: 2, found: 2 } });
});

test('an envelope that GnuPG signed is accepted, by platform and agent', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gpg-'));
  const gpg = (words: readonly string[], input?: Uint8Array) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', 'x', ...words], {
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  try {
    gpg(['--quick-generate-key', 'Erin <erin@example.net>', 'ed25519', 'sign', 'never']);
    const publickey = gpg(['--armor', '--export']).toString();
    const listed = gpg(['--with-colons', '--list-keys']).toString();
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listed)![1]!;
    await platform.client.call(createInvestigator, {
      body: { name: 'Erin', publickey, permissions: ['read', 'launch'] },
    });
    const agent = await platform.enrol('gpg');
    writeFileSync(join(agent.configDirectory, 'keys', 'erin.asc'), publickey);
    const acl = { default: { minimumweight: 1, investigators: { Erin: { fingerprint, weight: 1 } } } };
    writeFileSync(join(agent.configDirectory, 'acl.json'), JSON.stringify(acl));
    await agent.start();

    const action = createAction({
      fleet: platform.fleet,
      name: 'who',
      target: "name = 'gpg'",
      operations: [whoAreYou],
    });
    const envelope = createEnvelope(encodeAction(action));
    const sig = encodeBase64(gpg(['--detach-sign'], signedBytesOf(envelope)));
    const body = { ...envelope, signatures: [{ keyid: fingerprint, sig }] };
    const launched = await platform.client.call(launchAction, { body });
    expect(launched.investigators).toEqual([{ name: 'Erin', fingerprint }]);
    expect((await platform.follow(action.id)).end.counters.success).toBe(1);
    expect(agent.journal().map(({ entry }) => entry)).toEqual(['started', 'finished']);
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  }
});

test('every module that ships and does not stay answers over the platform', async () => {
  /** It would do what it is asked: it is asked what it refuses. */
  const refusing = 'agentdestroy';
  const things = join(platform.folder, 'things');
  mkdirSync(things);
  writeFileSync(join(things, 'note.txt'), 'here is a beacon\n');
  writeFileSync(join(things, 'rules.yar'), 'rule beacon { strings: $a = "beacon" condition: $a }');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(things, 'id')]);
  const sha256 = execFileSync('ssh-keygen', ['-l', '-f', join(things, 'id')], { encoding: 'utf8' }).split(' ')[1]!;
  const bash = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'bash'], { encoding: 'utf8' });
  const policy = {
    objects: [{ object: 'bash', package: { name: 'bash' } }],
    tests: [{ test: 'has bash', object: 'bash', evr: { operation: '>', value: '1.0' } }],
  };
  writeFileSync(join(things, 'policy.json'), JSON.stringify(policy));
  const port = new URL(platform.url).port;
  const needle = Buffer.from('qzxjvkwpgh');
  await withHolder([{ pages: 16, touch: true, puts: [[4096, needle]] }], async (holder) => {
    const cases: readonly (readonly [words: readonly string[], answer: string])[] = [
      [['example', '-gethostname'], `hostname is ${hostname()}`],
      [['file', '-path', things, '-name', '^note', '-content', 'beacon'], join(things, 'note.txt')],
      [['memory', '-name', `^${holder.executable}$`, '-bytes', needle.toString('hex')], `${holder.pid}`],
      [['netstat', '-lp', port], port],
      [['ping', '-d', '127.0.0.1', '-p', 'tcp', '-dp', port], '127.0.0.1'],
      [['pkg', '-name', '^bash$'], bash],
      [['process', '-cmdline', 'mig-server\\.cjs'], `${platform.server.pid}`],
      [['scribe', '-path', join(things, 'policy.json')], 'has bash'],
      [['sshkey', '-path', things], sha256],
      [['timedrift'], new Date().toISOString().slice(0, 11)],
      [['yara', '-rules', join(things, 'rules.yar'), '-files', `-path ${things} -name '\\.txt$'`], 'note.txt [beacon]'],
    ];
    const asked = [...cases.map(([[module]]) => module!), refusing].sort();
    expect(asked).toEqual(available.modules.flatMap((module) => (isPersistent(module) ? [] : module.name)).sort());
    for (const [words, answer] of cases) {
      const { status, stdout, output } = await ask(words);
      expect([status, stdout], output).toEqual([0, expect.stringContaining(answer)]);
    }
  });
  const own = `${here.process.pid}`;
  const refused = await ask([refusing, '-pid', own, '-version', '0.1.0']);
  expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining(own)]);
  expect(here.process.child.exitCode).toBeNull();
});

async function ask([module, ...flags]: readonly string[]) {
  const asked = platform.mig([module!, '-t', "name = 'here'", '-y', ...flags]);
  const status = await asked.ended;
  return { status, stdout: asked.stdout(), output: asked.output() };
}

test('an action file of syntax version 2 is launched as it is', async () => {
  const file = join(platform.folder, 'action.json');
  const parameters = { searches: { s1: { paths: ['/etc'], names: ['^passwd$'], options: { maxdepth: 1 } } } };
  const operations = [{ module: 'file', parameters }];
  writeFileSync(file, JSON.stringify({ name: 'who may log in', target: "name='here'", operations, syntaxversion: 2 }));
  const first = platform.mig(['-i', file, '-y']);
  expect(await first.ended).toBe(0);
  expect(first.stdout()).toMatch(/^here \/etc\/passwd /);
  const id = /launched (\S+): who may log in/.exec(first.output())![1]!;
  expect(readFileSync(file, 'utf8')).not.toContain(id);
});
