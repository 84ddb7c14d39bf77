/**
 * An instance of a module that stays, in a process of its own, under a command that takes something away from it: a limit,
 * or a user's rights. Its script calls `serveConfined` with the module.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { AlertContent, AnyPersistentModule } from '../contract/persistent-module.ts';
import type { Result } from '../contract/result.ts';
import { startInstance } from './instance.ts';

/** What an instance is answered with, and what it has logged so far. */
export interface ConfinedAnswer {
  readonly result: Result;
  readonly logs: readonly string[];
}

export interface Confined {
  /** The alerts that it raised so far. */
  readonly alerts: readonly AlertContent[];
  ask(parameters?: unknown): Promise<ConfinedAnswer>;
  stop(): Promise<void>;
}

/** Starts `script` with `config` behind `command`. */
export function startConfined(command: readonly string[], script: string, config: unknown): Confined {
  const node = [process.execPath, '--conditions=mig-source', '--import', 'tsx', script, JSON.stringify(config)];
  const [program = '', ...args] = [...command, ...node];
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const alerts: AlertContent[] = [];
  const waiting: ((answer: ConfinedAnswer) => void)[] = [];
  createInterface(child.stdout!).on('line', (line) => {
    const said = JSON.parse(line) as { alert: AlertContent } | ConfinedAnswer;
    if ('alert' in said) alerts.push(said.alert);
    else waiting.shift()?.(said);
  });
  return {
    alerts,
    ask: (parameters = {}) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin!.write(`${JSON.stringify(parameters)}\n`);
      }),
    async stop() {
      child.stdin!.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Runs `module` with the configuration that is the argument; prints its alerts, and an answer for each line of parameters. */
export async function serveConfined(module: AnyPersistentModule): Promise<void> {
  const instance = await startInstance(module, JSON.parse(process.argv[2] ?? ''));
  let printed = 0;
  const timer = setInterval(() => {
    for (const alert of instance.alerts.slice(printed)) print({ alert });
    printed = instance.alerts.length;
  }, 20);
  for await (const line of createInterface(process.stdin)) {
    print({ result: await instance.ask(JSON.parse(line)), logs: instance.logs });
  }
  clearInterval(timer);
  await instance.stop();
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
