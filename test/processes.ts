/** Runs the built programs as people do: as processes, from the checkout's root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** What a finished process left. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `node packages/<program>` with `words`, as another user where `uid` says so. */
export function start(
  program: 'mig' | 'mig-agent',
  words: readonly string[],
  user: { readonly uid?: number; readonly gid?: number } = {},
): ChildProcess {
  const script = { mig: 'packages/client/bin/mig.cjs', 'mig-agent': 'packages/agent/bin/mig-agent.cjs' }[program];
  return spawn(process.execPath, [join(root, script), ...words], {
    ...user,
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Collects what `child` writes, and gives it with the exit status once it ended. */
export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Runs a program to its end with `input` on standard input. */
export function run(program: 'mig' | 'mig-agent', words: readonly string[], input = ''): Promise<Ended> {
  const child = start(program, words);
  child.stdin?.end(input);
  return ended(child);
}
