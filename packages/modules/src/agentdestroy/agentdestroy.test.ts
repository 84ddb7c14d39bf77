import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeContract, run } from '@mig/module/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { agentdestroy } from './agentdestroy.ts';

describeContract(agentdestroy);

const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A program that stays, and says `version` when it is asked; started under the name `name`. */
async function startProgram(name: string, version: string, words: readonly string[] = [], user: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'mig-destroy-'));
  folders.push(folder);
  const script = join(folder, name);
  writeFileSync(
    script,
    `if (process.argv[2] === '-V') console.log(${JSON.stringify(version)}); else { console.log('up'); setInterval(() => {}, 1000); }\n`,
  );
  writeFileSync(join(folder, 'mig-agent.blob'), 'snapshot');
  writeFileSync(join(folder, 'neighbour.txt'), 'not ours');
  chmodSync(folder, 0o755);
  const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'ignore'], ...user });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  return { child, folder, script, ended, pid: child.pid! };
}

describe('agentdestroy', () => {
  test('kills an agent of the version named, and removes its executable and nothing else', async () => {
    const { pid, folder, script, ended } = await startProgram('mig-agent.cjs', '0.0.9');
    const result = await run(agentdestroy, { pid, version: '0.0.9' });
    expect(result.elements).toBe(
      `killed agent 0.0.9 (pid ${pid}) and removed ${join(folder, 'mig-agent.blob')}, ${script}`,
    );
    expect(await ended).toBe('SIGKILL');
    expect([existsSync(script), existsSync(join(folder, 'neighbour.txt')), existsSync(process.execPath)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('leaves an agent of another version alone', async () => {
    const { pid, script, child } = await startProgram('mig-agent.cjs', '0.0.9');
    const result = await run(agentdestroy, { pid, version: '1.0.0' });
    expect(result.errors).toEqual([`parameter 'version': process ${pid} is an agent of version 0.0.9, not 1.0.0`]);
    expect([existsSync(script), child.exitCode, child.signalCode]).toEqual([true, null, null]);
  });

  test('leaves a process alone that is not an agent, even if it knows the version', async () => {
    const { pid, script, child } = await startProgram('other.cjs', '0.0.9');
    const result = await run(agentdestroy, { pid, version: '0.0.9' });
    expect(result.errors![0]).toMatch(new RegExp(`^parameter 'pid': process ${pid} .* is not an agent`));
    expect([existsSync(script), child.exitCode, child.signalCode]).toEqual([true, null, null]);
  });

  test('leaves a process alone that only names an agent among its words', async () => {
    const agent = await startProgram('mig-agent.cjs', '0.0.9');
    const { pid, child } = await startProgram('other.cjs', '0.0.9', [agent.script]);
    const result = await run(agentdestroy, { pid, version: '0.0.9' });
    expect(result.errors![0]).toMatch(new RegExp(`^parameter 'pid': process ${pid} .* is not an agent`));
    expect([existsSync(agent.script), child.exitCode, child.signalCode]).toEqual([true, null, null]);
  });

  test('leaves the process of a module alone', async () => {
    const { pid, child } = await startProgram('mig-agent.cjs', '0.0.9', ['-m', 'file']);
    const result = await run(agentdestroy, { pid, version: '0.0.9' });
    expect(result.errors![0]).toMatch(/runs a module for an agent, and is none: name its parent$/);
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  });

  test.runIf(process.getuid?.() === 0)('asks for the version with the rights of the process, not its own', async () => {
    const nobody = { uid: 65_534, gid: 65_534 };
    const { pid, script } = await startProgram('mig-agent.cjs', '0.0.9', [], nobody);
    writeFileSync(script, 'console.log(process.getuid())');
    const result = await run(agentdestroy, { pid, version: '0.0.9' });
    expect(result.errors).toEqual([`parameter 'version': process ${pid} is an agent of version 65534, not 0.0.9`]);
  });

  test('refuses its own process and those that started it', async () => {
    for (const pid of [process.pid, process.ppid]) {
      const result = await run(agentdestroy, { pid, version: '0.1.0' });
      expect(result.errors).toEqual([
        `parameter 'pid': ${pid} is the agent that runs this module, or a parent of it: name another one`,
      ]);
    }
  });

  test('says that there is no such process', async () => {
    const result = await run(agentdestroy, { pid: 4_194_303, version: '0.1.0' });
    expect(result.errors).toEqual(["parameter 'pid': there is no process 4194303"]);
  });

  test.each([
    [{ pid: 1, version: '1' }, "parameter 'pid': expected at least 2, got 1"],
    [{ pid: 4_194_305, version: '1' }, "parameter 'pid': expected at most 4194304, got 4194305"],
    [{ pid: 2 }, "parameter 'version': expected a text, got nothing"],
  ])('refuses %j', async (parameters, error) => {
    expect((await run(agentdestroy, parameters)).errors).toEqual([error]);
  });
});
