/**
 * The bundle of the daemon: everything of `mig-agent` that is not one run of one module.
 *
 * The daemon connects an endpoint to its platform: it enrols, says how the endpoint is, takes commands, checks each one
 * for itself, runs what its owner allows, and answers. It keeps its journal, its spool and its lock in the state
 * directory. It never takes keys or access lists from the platform, and listens on nothing but a socket of its owner.
 */
import { ConfigurationError } from '@mig/configuration';
import { LockedError, Misuse } from '@mig/daemon';
import { EnrolmentError } from './enrolment/enrolment-error.ts';
import { runDaemonCommand } from './program/run-daemon-command.ts';
import { runEnrolCommand } from './program/run-enrol-command.ts';
import { showJournal } from './program/show-journal.ts';
import { showStatus } from './program/show-status.ts';
import { type DaemonCommand, parseDaemonWords } from './program/words.ts';

/** Runs what `words` ask for. Gives the exit status: 0 done, 1 failed, 2 wrongly used. */
export async function runDaemonProgram(words: readonly string[], scriptDirectory: string): Promise<number> {
  try {
    return await run(parseDaemonWords(words), scriptDirectory);
  } catch (error) {
    if (error instanceof Misuse) {
      process.stderr.write(`mig-agent: ${error.message}; mig-agent -h says how it is used\n`);
      return 2;
    }
    if (!isExpected(error)) throw error;
    process.stderr.write(`mig-agent: ${error.message}\n`);
    return error instanceof ConfigurationError ? 2 : 1;
  }
}

function run(command: DaemonCommand, scriptDirectory: string): Promise<number> {
  switch (command.kind) {
    case 'run':
      return runDaemonCommand(command, scriptDirectory);
    case 'enrol':
      return runEnrolCommand(command);
    case 'status':
      return showStatus(command);
    case 'journal':
      return showJournal(command);
  }
}

/** Errors that are a sentence for people: what else comes is a fault of the program, and is shown with its stack. */
function isExpected(error: unknown): error is Error {
  if (error instanceof ConfigurationError || error instanceof LockedError || error instanceof EnrolmentError)
    return true;
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
