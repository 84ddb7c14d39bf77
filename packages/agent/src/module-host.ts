/** `mig-agent -m NAME`: this process runs one module once. Result on standard output, logs on standard error. */
import { join } from 'node:path';
import { printResults, type Result } from '@mig/module';
import { runOnce, standardInput, writeResult } from '@mig/module/host';
import { available } from '@mig/modules';
import { placesIn, standardDirectories } from './settings/places.ts';

export interface ModuleCommand {
  readonly name: string;
  readonly isForPeople: boolean;
  /** Whether the end of input ends the run. */
  readonly isOwned: boolean;
  /** Where the agent that runs the instance of a module that stays keeps its state; undefined for the usual place. */
  readonly stateDirectory: string | undefined;
}

/** The name that stands for the module that the first message names. */
const named = '-';

/** Runs the module named and gives the exit status: 0 when the run succeeded, 1 when not, 2 when there is no such module. */
export async function runModuleHost(command: ModuleCommand, scriptDirectory: string): Promise<number> {
  const module = available.find(command.name);
  if (module === undefined && command.name !== named) {
    const names = available.modules.map(({ name }) => name).join(', ');
    process.stderr.write(`mig-agent: no module is called '${command.name}': expected one of ${names}\n`);
    return 2;
  }
  const result = await runOnce(module ?? ((name = named) => available.get(name)), standardInput(), {
    signal: interruption(),
    threadScript: join(scriptDirectory, 'module-thread.cjs'),
    onCrash: (error) => process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`),
    isOwned: command.isOwned,
    standardSocket: placesIn(standardDirectories.config, command.stateDirectory ?? standardDirectories.state).socketOf,
  });
  if (command.isForPeople && module !== undefined) await writeLines(result, printResults(module, result));
  else writeResult(result, 1);
  return result.success ? 0 : 1;
}

/** A person's ctrl-c, or a service manager's end, stops the run: it still answers. A second one ends it at once. */
function interruption(): AbortSignal {
  const stopper = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopper.abort(new Error(signal)));
  return stopper.signal;
}

function writeLines(result: Result, lines: readonly string[]): Promise<void> {
  const text = lines.length === 0 && result.success ? ['nothing found'] : lines;
  return new Promise((resolve) => process.stdout.write(text.map((line) => `${line}\n`).join(''), () => resolve()));
}
