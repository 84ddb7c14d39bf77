/**
 * `mig-server`: the platform. It keeps actions and results in its database, lets investigators in through its API, and
 * gives agents their commands over the relay. It signs nothing: what an agent runs is what an investigator signed.
 *
 * This file reads the words, and turns whatever goes wrong into one sentence and an exit status.
 */
import { ConfigurationError } from '@mig/configuration';
import { LockedError, Misuse } from '@mig/daemon';
import { replaceCa, runServer, verifyAuditOf } from './program/run-server.ts';
import { StartError } from './program/start-error.ts';
import { verifyAuditFile } from './program/verify-audit.ts';
import { parseServerWords, type ServerCommand, settingsFor } from './program/words.ts';
import { usage } from './usage.ts';
import { version } from './version.ts';

/** Runs the program. Gives its exit status: 0 stopped, 1 failed, 2 wrongly used. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    return await run(parseServerWords(words));
  } catch (error) {
    if (error instanceof Misuse) {
      process.stderr.write(`mig-server: ${error.message}; mig-server -h says how it is used\n`);
      return 2;
    }
    if (!isExpected(error)) throw error;
    process.stderr.write(`mig-server: ${error.message}\n`);
    return error instanceof ConfigurationError ? 2 : 1;
  }
}

async function run(command: ServerCommand): Promise<number> {
  switch (command.kind) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'version':
      process.stdout.write(`${version}\n`);
      return 0;
    case 'check-config': {
      const { fleet, roles } = settingsFor(command, process.env);
      process.stdout.write(`the configuration can be used: fleet ${fleet}, as ${roles.join(', ')}\n`);
      return 0;
    }
    case 'replace-ca':
      return replaceCa(settingsFor(command, process.env));
    case 'audit-verify':
      return command.file === undefined
        ? verifyAuditOf(settingsFor(command, process.env))
        : verifyAuditFile(command.file);
    case 'run':
      return runServer(settingsFor(command, process.env), command);
  }
}

/** Errors that are a sentence for people: what else comes is a fault of the program, and is shown with its stack. */
function isExpected(error: unknown): error is Error {
  if (error instanceof ConfigurationError || error instanceof LockedError || error instanceof StartError) return true;
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
