/** Who has not answered an action, by name, and since when they were last seen. */
import { type Counters, listCommands } from '@mig/api';
import { formatDuration, printable } from '@mig/module';
import type { Platform } from '../platform/platform.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Lists every agent without an answer: those that may still give one, and those whose time has run out. */
export async function printMissing(
  platform: Platform,
  id: string,
  { targeted, done, expired }: Counters,
  terminal: Terminal,
): Promise<void> {
  const queries = [
    ...(done < targeted ? [{ open: 'true' }] : []),
    ...(expired > 0 ? [{ status: 'expired' as const }] : []),
  ];
  if (queries.length === 0) return;
  terminal.remark('not answered:');
  for (const query of queries) {
    for await (const command of platform.items(listCommands, { params: { id }, query })) {
      const { agentname, agentstatus, status, lastseen } = command;
      terminal.remark(`  ${printable(agentname)}  ${status}, agent ${agentstatus}, last seen ${agoOf(lastseen)}`);
    }
  }
}

/** `3m ago`, with the time itself. */
export function agoOf(timestamp: string): string {
  const ms = Math.max(0, Date.now() - Date.parse(timestamp));
  return `${formatDuration(Math.round(ms / 1000) * 1000)} ago (${timestamp})`;
}
