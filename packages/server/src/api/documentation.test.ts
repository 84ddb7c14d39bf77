import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAgent, answerCommands } from './testing/sample-fleet.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/api.md'), 'utf8');
const blocks = [...page.matchAll(/```(sh|json)\n([\s\S]*?)```/g)].map(([, kind, text]) => ({
  kind: kind!,
  text: text!,
}));

let api: TestApi;
let folder: string;
beforeAll(async () => {
  api = await startTestApi();
  folder = mkdtempSync(join(tmpdir(), 'mig-docs-'));
  for (const name of ['web1', 'web2', 'web3']) await addAgent(api.database.db, name);
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

test('the examples of docs/api.md work as they stand, and print what the page says', async () => {
  const ca = join(folder, 'ca.crt');
  writeFileSync(ca, api.authority.cert);
  // What agents would answer, as soon as there are commands.
  const stop = await api.database.listen('mig_dispatch', (id) => void answerCommands(api.database.db, id));
  const examples = blocks.filter(({ kind }) => kind === 'sh').map(({ text }) => text);
  const script = ['set -euo pipefail', ...examples.map((text, place) => `printf "\\n== ${place}\\n"\n${text}`)].join(
    '\n',
  );
  const run = promisify(execFile);
  const env = {
    PATH: '/usr/bin:/bin',
    GNUPGHOME: folder,
    url: api.url,
    ca,
    socket: api.socketPath,
  };
  const options = { cwd: folder, env };
  await run(
    'gpg',
    ['--batch', '--passphrase', '', '--quick-generate-key', 'Dana <dana@example.net>', 'ed25519', 'sign'],
    options,
  );
  const { stdout } = await run('bash', ['-c', script], options).finally(() =>
    run('gpgconf', ['--kill', 'gpg-agent'], options),
  );
  await stop();

  const printed = stdout.split(/\n== \d+\n/).slice(1);
  expect(printed).toHaveLength(examples.length);
  expect(JSON.parse(printed[0]!)).toMatchObject({ name: 'Dana', permissions: ['read', 'launch', 'admin'] });
  const [, , , list, launched, followed, exported, token, refused] = printed;
  expect(list).toBe('web1 online\nweb2 online\nweb3 online\n');
  expect(JSON.parse(launched!)).toMatchObject({ counters: { targeted: 3 } });
  expect(followed).toMatch(/^3\n"finished"\n/);
  expect(exported).toBe('web1\nweb2\nweb3\n');
  expect(token).toMatch(/^[0-9a-f]{64}\.[0-9a-f]{64}\n$/);
  expect(JSON.parse(refused!)).toEqual(JSON.parse(blocks.find(({ kind }) => kind === 'json')!.text));
});
