/** Asks this machine: the module runs in a process of its own, as it does under an agent. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type AnyModule, formatDuration, instanceSocket, isPersistent, printResults, type Result } from '@mig/module';
import { hostBundleIn, runModuleProcess } from '@mig/module/runner';
import type { ModuleOptions } from '../commands/module-words.ts';
import { countSoftErrors } from '../fleet/soft-errors.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { upPlacesOf } from '../up/up-places.ts';

/** The agent is built beside the client. */
const agentDirectory = join(__dirname, '..', '..', 'agent', 'dist');

/** Runs `module` here, prints its answer, and gives the exit status: 0 when the run succeeded, 1 when not. */
export async function askLocally(
  module: AnyModule,
  parameters: unknown,
  options: ModuleOptions,
  terminal: Terminal,
): Promise<number> {
  const stopper = new AbortController();
  const stop = () => {
    terminal.remark('stopping; ctrl-c once more ends without an answer');
    process.once('SIGINT', () => process.exit(130));
    stopper.abort();
  };
  process.once('SIGINT', stop);
  const started = performance.now();
  const ticker = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    terminal.progress(`${module.name}: ${formatDuration(seconds * 1000)} on this machine, ctrl-c stops it`);
  }, 1000);
  const result = await runModuleProcess(module, parameters, {
    host: hostBundleIn(agentDirectory),
    ...(isPersistent(module) ? { persistsock: socketOf(module.name, options.stateDirectory) } : {}),
    signal: stopper.signal,
  });
  clearInterval(ticker);
  terminal.progress('');
  process.off('SIGINT', stop);
  if (options.isJson) terminal.print(JSON.stringify({ agent: hostname(), module: module.name, ...result }));
  else printAnswer(module, result, options, terminal);
  return result.success ? 0 : 1;
}

/** Where the instance of a module is asked: that of an agent that is installed, or of `mig up`, unless one is named. */
function socketOf(module: string, stateDirectory: string | undefined): string {
  const usual = ['/var/lib/mig', upPlacesOf(undefined, process.env).agentState];
  const directories = stateDirectory === undefined ? usual : [resolve(stateDirectory)];
  const paths = directories.map((directory) => instanceSocket(directory, module));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

function printAnswer(module: AnyModule, result: Result, { show }: ModuleOptions, terminal: Terminal): void {
  const isWanted = show === 'all' || !result.success || result.foundanything === (show === 'found');
  const lines = isWanted ? printResults(module, result, show === 'found' && result.success) : [];
  for (const line of lines) terminal.print(`${hostname()} ${line}`);
  const softErrors = countSoftErrors();
  if (show === 'found' || !isWanted) softErrors.add([result]);
  for (const line of softErrors.lines('-show all')) terminal.remark(line);
  const outcome = !result.success ? 'failed' : result.foundanything ? 'found' : 'found nothing';
  terminal.remark(`1 agent asked, ${result.success ? 1 : 0} succeeded: ${outcome}`);
}
