/** Starts fswatch under a command that takes something away from it: a limit, or a user's rights. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Result } from '@mig/module';

export interface Confined {
  /** The paths and kinds of the changes that it told so far. */
  readonly alerts: string[];
  ask(): Promise<{ result: Result; logs: string[] }>;
  stop(): Promise<void>;
}

export function startConfined(command: readonly string[], config: unknown): Confined {
  const script = join(import.meta.dirname, 'instance-main.ts');
  const node = [process.execPath, '--conditions=mig-source', '--import', 'tsx', script, JSON.stringify(config)];
  const [program = '', ...args] = [...command, ...node];
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const alerts: string[] = [];
  const waiting: ((answer: { result: Result; logs: string[] }) => void)[] = [];
  createInterface(child.stdout!).on('line', (line) => {
    const said = JSON.parse(line) as { alert?: Record<string, string>; result: Result; logs: string[] };
    if (said.alert === undefined) waiting.shift()?.(said);
    else alerts.push(`${said.alert['change']} ${said.alert['path']}`);
  });
  return {
    alerts,
    ask: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin!.write('ask\n');
      }),
    async stop() {
      child.stdin!.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
