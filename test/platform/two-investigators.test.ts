/** Two investigators, a private endpoint and a stop: what they see of it in `mig`, with agents that run for real. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKey } from '@mig/action';
import { createInvestigator } from '@mig/api';
import { openPlatform, startProcess, type TestPlatform } from '@mig/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withCountedRuns } from '../../packages/agent/src/testing/counted-runs.ts';

let platform: TestPlatform;
let close = async () => {};
beforeAll(async () => {
  ({ platform, close } = await openPlatform());
});
afterAll(() => close());

interface Said {
  readonly status: number | string;
  readonly stdout: string;
  readonly output: string;
}

async function ended(process: ReturnType<typeof startProcess>): Promise<Said> {
  return { status: await process.ended, stdout: process.stdout(), output: process.output() };
}

const dana = (...words: string[]) => ended(platform.mig(words));

/** A second investigator, with a key and a configuration of her own. */
async function enrolErin() {
  const { passphrase, client, url, ca, folder } = platform;
  const key = await createKey({ name: 'Erin', passphrase, now: new Date(Date.now() - 60_000) });
  const body = { name: 'Erin', publickey: key.publicKey, permissions: ['read', 'launch'] as const };
  await client.call(createInvestigator, { body });
  const home = join(folder, 'erin');
  mkdirSync(join(home, 'keys'), { recursive: true });
  writeFileSync(join(home, 'keys', `${key.fingerprint}.key`), key.privateKey, { mode: 0o600 });
  writeFileSync(join(home, 'passphrase'), `${passphrase}\n`, { mode: 0o600 });
  const config = join(home, 'config.toml');
  writeFileSync(config, `url = "${url}"\nca = ${JSON.stringify(ca)}\npassphrase.file = "passphrase"\n`);
  return { key, mig: (...words: string[]) => ended(startProcess('mig', [...words, '--config', config])) };
}

test('what needs two signatures runs when two have signed before the launch, and not after it', async () => {
  const { key, mig: erin } = await enrolErin();
  const agent = await platform.enrol('careful');
  const { fingerprint } = platform.investigator;
  writeFileSync(join(agent.configDirectory, 'keys', 'erin.asc'), key.publicKey);
  const investigators = { Dana: { fingerprint, weight: 1 }, Erin: { fingerprint: key.fingerprint, weight: 1 } };
  writeFileSync(
    join(agent.configDirectory, 'acl.json'),
    JSON.stringify({ default: { minimumweight: 2, investigators } }),
  );
  await agent.start();
  const question = ['example', '-t', "name = 'careful'", '-e', '10m', '-gethostname'];
  const first = join(platform.folder, 'first.json');
  const second = join(platform.folder, 'second.json');
  for (const file of [first, second]) writeFileSync(file, (await dana(...question, '-s')).stdout);

  const alone = await dana('-i', first, '-y');
  expect([alone.status, alone.stdout]).toEqual([
    1,
    "careful refused: example: signatures weigh 1 for module 'example', expected at least 2 (permission 'default')\n",
  ]);
  expect(alone.output).toContain(`  signed by Dana ${fingerprint}\n`);
  expect(alone.output).toContain('your key is among the signatures already: none was added\n');
  expect(alone.output).toContain('Have another investigator of that permission sign the action as well.\n');

  // Who is said to have signed has signed: a name that is written into the file is not taken for it.
  const forged = JSON.parse(readFileSync(second, 'utf8')) as { payload: string; signatures: { keyid: string }[] };
  const stranger = JSON.parse(readFileSync(first, 'utf8')) as typeof forged;
  const claimed = join(platform.folder, 'claimed.json');
  writeFileSync(claimed, JSON.stringify({ ...forged, signatures: stranger.signatures }));
  const shownForged = await erin('-i', claimed, '-s');
  expect(shownForged.output).toContain('  not validly signed: ');
  expect(shownForged.output).not.toContain('signed by Dana');

  const late = await erin('-i', first, '-y');
  expect([late.status, late.output]).toEqual([1, expect.stringContaining('launched already, at ')]);
  writeFileSync(first, (await erin('-i', first, '-s')).stdout);
  const both = await dana('-i', first, '-y');
  expect([both.status, both.output]).toEqual([
    1,
    expect.stringMatching(/was launched already, at \S+, with the signatures of Dana; agents run it once/),
  ]);

  const together = await erin('-i', second, '-y');
  expect([together.status, together.stdout]).toEqual([0, expect.stringMatching(/^careful hostname is \S+\n$/)]);
  const id = /launched (\S+):/.exec(together.output)![1]!;
  const shown = await dana('action', id);
  expect(shown.stdout).toContain(`signed by   Dana ${fingerprint}\nsigned by   Erin ${key.fingerprint}\n`);
});

test('what a private endpoint answers names neither files nor folders, and counts them', async () => {
  const agent = await platform.enrol('private', 'privacy = true\n');
  await agent.start();
  const secret = join(platform.folder, 'a-telling-name.txt');
  writeFileSync(secret, '');
  const asked = await dana(
    'file',
    '-t',
    "name = 'private'",
    '-y',
    '-path',
    platform.folder,
    '-name',
    'telling',
    '-show',
    'all',
  );
  expect(asked.stdout).toMatch(/^private masked in search 's1'$/m);
  const id = /launched (\S+):/.exec(asked.output)![1]!;
  for (const format of ['-json', '-csv', '-ndjson']) {
    const { stdout } = await dana('results', id, format);
    expect(stdout).toContain('masked');
    expect(stdout).not.toContain('a-telling-name');
  }
  expect(JSON.stringify(await platform.commands(id))).not.toContain('a-telling-name');
});

test('a cancelled action says to who follows it, and to the endpoint, who stopped it and why', () =>
  withCountedRuns(async (runs) => {
    const agent = await platform.enrol('busy');
    await agent.start();
    const file = join(platform.folder, 'long.json');
    const { parameters } = runs.operation(80);
    const operations = [{ module: 'ping', parameters }];
    writeFileSync(file, JSON.stringify({ name: 'long', target: "name = 'busy'", operations, syntaxversion: 2 }));
    const following = platform.mig(['-i', file, '-y']);
    await runs.begun(1);
    const id = /launched (\S+):/.exec(following.output())![1]!;
    const again = platform.mig(['results', id, '-f']);
    const cancelled = await dana('cancel', id, '-reason', 'wrong target');
    expect(cancelled.output).toContain(
      `1 agent has it and is told to stop: mig results ${id} -f shows what they answer`,
    );
    for (const { status, stdout, output } of [await ended(following), await ended(again)]) {
      expect([status, stdout]).toEqual([1, 'busy error: cancelled: by Dana: wrong target\n']);
      expect(output).toContain('1 sent, 1 done, 0 succeeded, 0 found, 1 cancelled\ncancelled by Dana: wrong target\n');
    }
    expect(agent.journal().at(-1)).toMatchObject({ entry: 'finished', status: 'cancelled' });
    const { stdout } = await dana('action', id);
    expect(stdout).toContain(`${id}  cancelled  long`);
    expect(stdout).toContain('\ncancelled   by Dana: wrong target\n');
    expect((await dana('results', id)).output).toContain('\ncancelled by Dana: wrong target\n');
  }));
