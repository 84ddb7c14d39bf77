/** Who has not answered an action, by name, and since when they were last seen. */
import type { ActionSummary, CommandItem } from '@mig/api';
import { listCommands } from '@mig/api';
import { printable } from '@mig/module';
import type { Platform } from '../platform/platform.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Hints } from './hints.ts';

/** So many are named below an answer; `mig action ID -missing` names all. */
const mostNamed = 20;

/** Yields the command of every agent without an answer: those that may still give one, then those whose time ran out. */
export async function* missingCommands(
  platform: Platform,
  { id, counters: { targeted, done, expired } }: Pick<ActionSummary, 'id' | 'counters'>,
  limit = 100,
): AsyncGenerator<CommandItem> {
  const queries = [
    ...(done < targeted ? [{ open: 'true' }] : []),
    ...(expired > 0 ? [{ status: 'expired' as const }] : []),
  ];
  for (const query of queries) yield* platform.items(listCommands, { params: { id }, query: { ...query, limit } });
}

/** Names who is missing: the first of them, and how many more there are. */
export async function printMissing(
  platform: Platform,
  action: Pick<ActionSummary, 'id' | 'counters'>,
  terminal: Terminal,
  hints: Hints,
): Promise<void> {
  const { targeted, done, expired } = action.counters;
  const count = targeted - done + expired;
  if (count === 0) return;
  let named = 0;
  for await (const command of missingCommands(platform, action, mostNamed)) {
    if (named === 0) terminal.remark(`not answered: ${count} ${count === 1 ? 'agent' : 'agents'}`);
    if (named === mostNamed) break;
    terminal.remark(`  ${missingLine(command)}`);
    named++;
  }
  if (count > named) terminal.remark(`  and ${count - named} more: ${hints.missing(action.id)} names all`);
}

/** An agent that said itself that it was too late for it is quoted: its clock may be wrong. */
export function missingLine({ agentname, agentstatus, status, lastseen, starttime, refusals }: CommandItem): string {
  const said =
    status === 'expired' && starttime !== null ? ` (${refusals.map(({ message }) => message).join('; ')})` : '';
  return `${printable(agentname)}  ${status}${printable(said)}, agent ${agentstatus}, last seen ${agoOf(lastseen)}`;
}

/** `3m ago`, with the time itself. */
export function agoOf(timestamp: string, now = Date.now()): string {
  return `${ago(timestamp, now)} (${timestamp.slice(0, 19)}Z)`;
}

/** `3m ago`. */
export function ago(timestamp: string, now = Date.now()): string {
  return `${roughly(Math.max(0, now - Date.parse(timestamp)))} ago`;
}

/** As much as a person wants to know of how long something has been: `12s`, `3m`, `5h20m`, `4d`. */
function roughly(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return `${Math.floor(milliseconds / 1000)}s`;
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d`;
}
