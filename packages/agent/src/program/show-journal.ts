/** `mig-agent journal`: what ran on this endpoint, who signed it, what it asked and what it answered. */
import { existsSync } from 'node:fs';
import { placesIn } from '../settings/places.ts';
import { matches, readRecords } from './journal-records.ts';
import { tableOf, textOf } from './journal-text.ts';
import type { DaemonCommand } from './words.ts';

export async function showJournal(command: Extract<DaemonCommand, { kind: 'journal' }>): Promise<number> {
  const { journal } = placesIn(command.configDirectory, command.stateDirectory);
  if (!existsSync(journal)) {
    process.stderr.write(`mig-agent: no journal at ${journal}: no agent has run with this --state-dir\n`);
    return 1;
  }
  const { records, removed, removedUntil } = readRecords(journal);
  const fitting = records.filter((record) => matches(record, command.filter));
  const shown = fitting.slice(-Math.min(command.last, fitting.length || 1));
  const text = command.isJson
    ? shown.map((record) => `${JSON.stringify(record)}\n`)
    : command.filter.id !== undefined
      ? shown.flatMap(textOf)
      : shown.length === 0
        ? []
        : tableOf(shown);
  await new Promise((resolve) => process.stdout.write(text.join(''), resolve));
  // What is not in the list is said beside it, so that the list stays one.
  if (fitting.length === 0 && command.filter.id === undefined)
    process.stderr.write(
      records.length === 0 && removed === 0
        ? 'the journal is empty: nothing was sent to this agent yet\n'
        : 'nothing of that kind is in the journal\n',
    );
  if (fitting.length > shown.length) {
    process.stderr.write(`${fitting.length - shown.length} earlier ones are not shown: --last all shows them\n`);
  }
  if (removed > 0) {
    process.stderr.write(`${removed} entries up to ${removedUntil} were removed to make room (journal.sizemb)\n`);
  }
  if (fitting.length > 0 || command.filter.id === undefined) return 0;
  process.stderr.write(`mig-agent: the journal has no action or command ${command.filter.id}\n`);
  return 1;
}
