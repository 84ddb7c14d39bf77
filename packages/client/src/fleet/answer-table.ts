/** Answers as lines of CSV: one for each line that people would read. */
import type { CommandItem } from '@mig/api';
import type { Show } from '../commands/module-words.ts';
import { answerLines, hasFound, type Operations } from './answer-lines.ts';

export const csvHeading = 'agent,agentid,status,foundanything,finishtime,line';

/** The lines for one command. */
export function csvLines(command: CommandItem, operations: Operations, show: Show): string[] {
  const { agentname, agentid, status, finishtime } = command;
  const fixed = [agentname, agentid, status, String(hasFound(command)), finishtime ?? ''];
  const lines = answerLines(command, operations, show);
  return lines.map((line) => [...fixed, line.slice(agentname.length + 1)].map(csvCell).join(','));
}

/** RFC 4180; what a spreadsheet would take for a formula is marked as text. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
