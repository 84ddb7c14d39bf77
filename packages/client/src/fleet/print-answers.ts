/**
 * Prints the answers of an action for people, so that a fleet of thousands stays readable: what many agents failed with
 * alike is printed for the first few and counted for the others, and each way out is said once.
 */
import { type ErrorCode, errorCodes } from '@mig/action';
import type { CommandItem } from '@mig/api';
import { printable } from '@mig/module';
import type { Show } from '../commands/module-words.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { answerLines, hasFound, isShown, type Operations } from './answer-lines.ts';
import type { Hints } from './hints.ts';
import { countSoftErrors } from './soft-errors.ts';

/** So many agents with the same failure are named. */
const mostAlike = 5;

export interface AnswerPrinter {
  /** Prints the answer, if it is wanted. */
  add(command: CommandItem): void;
  /** Says what was counted only, what agents could not look at, and what can be done. */
  end(): void;
}

export interface AnswerPrinterOptions {
  readonly id: string;
  readonly operations: Operations;
  /** With `all`, every answer is printed. */
  readonly show: Show;
  readonly terminal: Terminal;
  readonly hints: Hints;
  /** Marks the lines of an agent that did not succeed. */
  readonly mark?: (line: string) => string;
}

export function printAnswers({
  id,
  operations,
  show,
  terminal,
  hints,
  mark = (line) => line,
}: AnswerPrinterOptions): AnswerPrinter {
  const alike = new Map<string, number>();
  const wayouts = new Set<string>();
  const softErrors = countSoftErrors();

  return {
    add(command) {
      if (show === 'found' || !isShown(command, show)) softErrors.add(command.results);
      if (!isShown(command, show)) return;
      const lines = answerLines(command, operations, show);
      for (const { code } of command.refusals) {
        if (Object.hasOwn(errorCodes, code)) wayouts.add(errorCodes[code as ErrorCode].wayout);
      }
      // Who did not answer in time is named at the end, by printMissing.
      if (show !== 'all' && command.status === 'expired') return;
      if (show !== 'all' && command.status !== 'success' && !hasFound(command)) {
        const name = printable(command.agentname);
        const failure = lines.map((line) => line.slice(name.length + 1)).join('; ');
        const count = (alike.get(failure) ?? 0) + 1;
        alike.set(failure, count);
        if (count > mostAlike) return;
      }
      for (const line of lines) terminal.print(command.status === 'success' ? line : mark(line));
    },

    end() {
      const counted = [...alike].filter(([, count]) => count > mostAlike);
      for (const [failure, count] of counted) {
        const more = count - mostAlike;
        terminal.remark(`and ${more} more ${more === 1 ? 'agent' : 'agents'} ${failure}`);
      }
      if (counted.length > 0) terminal.remark(`${hints.all(id)} prints each of them`);
      for (const wayout of wayouts) terminal.remark(wayout);
      for (const line of softErrors.lines(hints.all(id))) terminal.remark(line);
    },
  };
}
