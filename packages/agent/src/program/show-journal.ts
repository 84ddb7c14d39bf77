/** `mig-agent journal`: what ran on this endpoint, who signed it, what it asked and what it answered. */
import { existsSync } from 'node:fs';
import type { FinishedEntry, RefusedEntry, StartedEntry } from '../journal/entries.ts';
import { readJournal } from '../journal/journal.ts';
import { placesIn } from '../settings/places.ts';
import type { DaemonCommand } from './words.ts';

/** An action that ran, or was refused, with all that the journal says of it. */
interface Record {
  readonly actionid: string;
  readonly commandid: string;
  readonly asked: StartedEntry | undefined;
  readonly answered: FinishedEntry | undefined;
  readonly refused: RefusedEntry | undefined;
}

export async function showJournal(command: Extract<DaemonCommand, { kind: 'journal' }>): Promise<number> {
  const { journal } = placesIn(command.configDirectory, command.stateDirectory);
  if (!existsSync(journal)) {
    process.stderr.write(`mig-agent: no journal at ${journal}: no agent has run with this --state-dir\n`);
    return 1;
  }
  const all = recordsOf(journal).filter(({ actionid }) => command.id === undefined || actionid === command.id);
  const records = all.slice(-Math.min(command.last, all.length || 1));
  const text = command.isJson
    ? records.map((record) => `${JSON.stringify(record)}\n`)
    : records.flatMap((record) => describe(record, command.id !== undefined));
  await new Promise((resolve) => process.stdout.write(text.join(''), resolve));
  return 0;
}

function recordsOf(directory: string): Record[] {
  const records = new Map<string, Record>();
  for (const entry of readJournal(directory)) {
    if (entry.entry === 'carried') continue;
    const { commandid, actionid } = entry;
    const known = records.get(commandid) ?? {
      actionid,
      commandid,
      asked: undefined,
      answered: undefined,
      refused: undefined,
    };
    if (entry.entry === 'started') records.set(commandid, { ...known, asked: entry });
    else if (entry.entry === 'finished') records.set(commandid, { ...known, answered: entry });
    else records.set(commandid, { ...known, refused: entry });
  }
  return [...records.values()];
}

function describe({ actionid, asked, answered, refused }: Record, isLong: boolean): string[] {
  const { time = '', name = 'an action without a valid name', signers = [] } = asked ?? refused ?? {};
  const who = signers.map(({ investigator, fingerprint }) => `${investigator} (${fingerprint})`).join(', ');
  const outcome = answered?.status ?? refused?.status ?? 'running';
  const lines = [
    `${time} ${actionid} '${printable(name)}': ${refused === undefined ? '' : 'nothing ran, '}${outcome}\n`,
    `  signed by ${printable(who) || 'nobody whose signature is valid'}\n`,
  ];
  for (const [i, { module, parameters }] of (asked?.operations ?? []).entries()) {
    const result = answered?.results?.[i];
    const found =
      result === undefined ? '' : `: ${result.success ? (result.foundanything ? 'found' : 'found nothing') : 'failed'}`;
    lines.push(`  ${module}${found}\n`);
    if (!isLong) continue;
    lines.push(`    asked ${printable(JSON.stringify(parameters))}\n`);
    if (result !== undefined) lines.push(`    answered ${printable(JSON.stringify(result))}\n`);
  }
  for (const { code, message } of answered?.refusals ?? refused?.refusals ?? [])
    lines.push(`  ${code}: ${printable(message)}\n`);
  return lines;
}

/** Text from outside, fit for a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD');
}
