/** The agentdestroy module on a second agent of this machine: the program as it is installed, in a place of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root, run } from './processes.ts';

let folder = '';
let agent: ChildProcess | undefined;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mig-second-agent-')));
});
afterEach(() => {
  agent?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the agent's program from `place`, held before its first line; gives its process. */
async function startAgent(place: string): Promise<ChildProcess> {
  const script = join(place, 'bin/mig-agent.cjs');
  const child = spawn(process.execPath, ['--inspect-brk=127.0.0.1:0', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((resolve) => child.stderr.once('data', resolve));
  return child;
}

const version = execFileSync(process.execPath, [join(root, 'packages/agent/bin/mig-agent.cjs'), '-V'], {
  encoding: 'utf8',
}).trim();

test('ends an agent that is installed elsewhere, and leaves nothing of its program', async () => {
  for (const part of ['bin', 'dist'])
    cpSync(join(root, 'packages/agent', part), join(folder, part), { recursive: true });
  agent = await startAgent(folder);
  const ended = new Promise((resolve) => agent?.once('exit', (_, signal) => resolve(signal)));
  const asked = ['agentdestroy', '-t', 'local', '-pid', String(agent.pid), '-version', version];
  const { stdout, status } = await run('mig', asked);
  expect(stdout).toContain(`killed agent ${version} (pid ${agent.pid}) and removed ${folder}/bin/mig-agent.cjs`);
  expect([status, await ended]).toEqual([0, 'SIGKILL']);
  expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([]);
});

test('keeps the program when the agent that is asked runs from it', async () => {
  agent = await startAgent(join(root, 'packages/agent'));
  const asked = ['agentdestroy', '-t', 'local', '-pid', String(agent.pid), '-version', version];
  const { stdout } = await run('mig', asked);
  expect(stdout).toContain(`(pid ${agent.pid}) and kept its executable, which the agent asked runs as well`);
  expect((await run('mig-agent', ['-V'])).stdout).toBe(`${version}\n`);
});
