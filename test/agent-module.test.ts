import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, run } from './processes.ts';

const parameters = (value: unknown) => `${JSON.stringify({ class: 'parameters', parameters: value })}\n`;

test('the founding document’s command prints one line with the keys of the contract in order', () => {
  const command = `npx mig-agent -m example <<< '{"class":"parameters", "parameters":{"gethostname": true, "getaddresses": true, "lookuphost": ["localhost"]}}'`;
  const output = execFileSync('bash', ['-c', command], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(output.endsWith('}\n')).toBe(true);
  expect(output.trimEnd()).not.toContain('\n');
  const result = JSON.parse(output) as Record<string, unknown>;
  expect(Object.keys(result)).toEqual(['foundanything', 'success', 'elements', 'statistics', 'errors']);
  expect(Object.keys(result['elements'] as object)).toEqual(['hostname', 'addresses', 'lookeduphost']);
  expect(result['success']).toBe(true);
});

test('wrong parameters are one error in a result, and exit status 1', async () => {
  const { stdout, status } = await run('mig-agent', ['-m', 'example'], parameters({ gethostname: 'yes' }));
  expect(JSON.parse(stdout).errors).toEqual(["parameter 'gethostname': expected true or false, got 'yes'"]);
  expect(status).toBe(1);
});

test('what is no message is answered with what a message looks like', async () => {
  const { stdout, status } = await run('mig-agent', ['-m', 'example'], 'hello\n');
  expect(JSON.parse(stdout).errors[0]).toMatch(/^expected one JSON message on a line, .* got 'hello'$/);
  expect(status).toBe(1);
});

test('no input at all is answered too', async () => {
  const { stdout } = await run('mig-agent', ['-m', 'example']);
  expect(JSON.parse(stdout).errors).toEqual(['expected a parameters message on standard input, got the end of input']);
});

test('-p prints the result for people', async () => {
  const { stdout, status } = await run('mig-agent', ['-p', '-m', 'example'], parameters({ gethostname: true }));
  const hostname = execFileSync('hostname', { encoding: 'utf8' }).trim();
  expect(stdout).toBe(`hostname is ${hostname}\nstat: 1 stuff found\n`);
  expect(status).toBe(0);
});

test('a module that stays is run by hand to the end of its input, and leaves nothing behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-by-hand-'));
  try {
    const config = { class: 'config', parameters: { config: {}, hostname: 'here' } };
    const output = execFileSync(
      process.execPath,
      [join(root, 'packages/agent/bin/mig-agent.cjs'), '-P', 'examplepersist'],
      {
        input: `${JSON.stringify(config)}\n`,
        encoding: 'utf8',
        env: { ...process.env, TMPDIR: folder },
      },
    );
    expect(JSON.parse(output.split('\n')[0]!)).toMatchObject({ class: 'register' });
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('wrong use has exit status 2 and says what is expected', async () => {
  const unknown = await run('mig-agent', ['-m', 'nosuch']);
  expect([unknown.status, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toMatch(/no module is called 'nosuch': expected one of .*example/);
  const word = await run('mig-agent', ['--nonsense']);
  expect(word.status).toBe(2);
  expect(word.stderr).toContain('--nonsense');
});
