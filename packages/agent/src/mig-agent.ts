/**
 * `mig-agent`: the program on every endpoint. With `-m NAME` it is the process that runs one module once, with
 * `-P NAME` the one of a module that stays, else the daemon.
 *
 * This file is the first to run and the last to decide: which words were given, and what they start. Whatever is heavy
 * is imported only by the branch that needs it, since a module process must start in a blink.
 */
import { BrokenModule } from '@mig/module';
import { type Command, parseWords } from './command-line.ts';
import { runDaemonBundle } from './daemon-bundle.ts';
import { runInstance } from './instance-host.ts';
import { runModuleHost } from './module-host.ts';
import { usage } from './usage.ts';
import { version } from './version.ts';

/** Runs the program and gives its exit status: 0 done, 1 failed, 2 wrongly used. `scriptDirectory` holds the bundle. */
export async function main(words: readonly string[], scriptDirectory: string): Promise<number> {
  try {
    return await run(parseWords(words), scriptDirectory);
  } catch (error) {
    if (!(error instanceof BrokenModule)) throw error;
    process.stderr.write(`mig-agent: ${error.message}\n`);
    return 1;
  }
}

async function run(command: Command, scriptDirectory: string): Promise<number> {
  if (isReadByPeople(command)) process.stdout.on('error', readerLeft);
  switch (command.kind) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'version':
      process.stdout.write(`${version}\n`);
      return 0;
    case 'misuse':
      process.stderr.write(`mig-agent: ${command.message}; mig-agent -h says how it is used\n`);
      return 2;
    case 'module':
      return runModuleHost(command, scriptDirectory);
    case 'instance':
      return runInstance(command);
    case 'daemon':
      return runDaemonBundle(command.words, scriptDirectory);
  }
}

/**
 * A module process has its agent there: it writes its one line without a stream, which takes 4 ms to load; and an instance
 * ends in its own time when the agent is gone.
 */
function isReadByPeople(command: Command): boolean {
  return command.kind === 'module' ? command.isForPeople : command.kind !== 'instance';
}

/** Whoever read standard output has enough, as `head` does: there is nobody to say more to, and nothing is wrong. */
function readerLeft(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
