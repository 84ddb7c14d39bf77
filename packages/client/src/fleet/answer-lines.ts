/** A command's answer as lines: for people by each module's own printing, for machines as JSON. */
import { type Command, isFinal } from '@mig/action';
import type { CommandItem } from '@mig/api';
import { printable, printResults, type Result } from '@mig/module';
import { available } from '@mig/modules';
import type { Show } from '../commands/module-words.ts';

export type Operations = readonly { readonly module: string }[];

/** Whether the agent found something, in any operation. */
export function hasFound({ results }: Pick<Command, 'results'>): boolean {
  return results?.some(({ foundanything }) => foundanything) ?? false;
}

/** Whether `show` wants this answer. What went wrong is always wanted. */
export function isShown(command: Pick<Command, 'status' | 'results' | 'refusals'>, show: Show): boolean {
  if (!isFinal(command.status)) return false;
  // Who never answered is listed at the end, by printMissing.
  if (command.status === 'expired' && command.refusals.length === 0) return show === 'all';
  if (show === 'all' || command.status !== 'success') return true;
  return hasFound(command) === (show === 'found');
}

/** Lines for people, each after the agent's name; those of several operations after the module's name too. */
export function answerLines(command: CommandItem, operations: Operations, show: Show): string[] {
  const name = printable(command.agentname);
  const lines = command.refusals.map(({ operation, message }) => {
    const module = operation === null ? '' : `${operations[operation]?.module ?? `operation ${operation}`}: `;
    const word = operation === null && command.status !== 'failed' ? command.status : 'refused';
    return `${name} ${word}: ${module}${printable(message)}`;
  });
  if (command.status !== 'success' && lines.length === 0 && command.results === null)
    lines.push(`${name} ${command.status}`);
  for (const [i, result] of (command.results ?? []).entries()) {
    if (isSaidByRefusal(command, i)) continue;
    if (show === 'found' && result.success && !result.foundanything) continue;
    const moduleName = operations[i]?.module ?? `operation ${i}`;
    const before = operations.length > 1 ? `${name} ${moduleName}: ` : `${name} `;
    const printed = linesOf(moduleName, result as Result, show === 'found' && result.success);
    if (printed.length === 0)
      printed.push(result.foundanything ? 'found' : result.success ? 'found nothing' : 'failed');
    lines.push(...printed.map((line) => `${before}${line}`));
  }
  return lines;
}

/** Whether the result of operation `i` says no more than that it was refused. */
function isSaidByRefusal({ refusals, results }: CommandItem, i: number): boolean {
  const errors = results?.[i]?.errors ?? [];
  const refused = refusals.filter(({ operation }) => operation === i);
  return errors.length > 0 && errors.every((error) => refused.some(({ message }) => message === error));
}

function linesOf(moduleName: string, result: Result, matchOnly: boolean): string[] {
  const module = available.find(moduleName);
  return module === undefined ? [printable(JSON.stringify(result))] : printResults(module, result, matchOnly);
}

/** One value for machines: the command with names instead of indexes. */
export function answerRecord(command: CommandItem, operations: Operations): object {
  const { id, actionid, agentid, agentname, status, starttime, finishtime, refusals } = command;
  const results = command.results?.map((result, i) => ({ module: operations[i]?.module ?? null, ...result })) ?? null;
  return { agent: agentname, agentid, actionid, commandid: id, status, starttime, finishtime, refusals, results };
}
