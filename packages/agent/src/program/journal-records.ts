/** The journal of an endpoint as a list of actions, and the choice among them. */
import type { FinishedEntry, RefusedEntry, StartedEntry } from '../journal/entries.ts';
import { readJournal } from '../journal/journal.ts';

/** An action that ran, or was refused, with all that the journal says of it. */
export interface JournalRecord {
  readonly actionid: string;
  readonly commandid: string;
  readonly asked: StartedEntry | undefined;
  readonly answered: FinishedEntry | undefined;
  readonly refused: RefusedEntry | undefined;
}

/** Which records are wanted; what is undefined excludes none. */
export interface RecordFilter {
  readonly id: string | undefined;
  /** Part of a signer's name, or of a fingerprint, in any case. */
  readonly signer: string | undefined;
  readonly module: string | undefined;
  readonly since: Date | undefined;
  /** Only what was refused, as a whole or in part, or only what ran. */
  readonly refused: boolean | undefined;
}

export interface JournalContent {
  /** In order of time. */
  readonly records: readonly JournalRecord[];
  /** How many entries were removed to make room, and up to when. */
  readonly removed: number;
  readonly removedUntil: string;
}

/** Reads the journal in `directory`. */
export function readRecords(directory: string): JournalContent {
  const records = new Map<string, JournalRecord>();
  let removed = 0;
  let removedUntil = '';
  for (const entry of readJournal(directory)) {
    if (entry.entry === 'carried') {
      // An entry that stands for removed ones may itself be removed later: the next one then counts what it counted.
      removed += entry.removed;
      if (entry.until > removedUntil) removedUntil = entry.until;
      continue;
    }
    const { commandid, actionid } = entry;
    const none = { actionid, commandid, asked: undefined, answered: undefined, refused: undefined };
    const known = records.get(commandid) ?? none;
    if (entry.entry === 'started') records.set(commandid, { ...known, asked: entry });
    else if (entry.entry === 'finished') records.set(commandid, { ...known, answered: entry });
    else records.set(commandid, { ...known, refused: entry });
  }
  return { records: [...records.values()], removed, removedUntil };
}

export function matches(record: JournalRecord, { id, signer, module, since, refused }: RecordFilter): boolean {
  const { asked, answered, refused: refusal } = record;
  const { time, signers } = originOf(record);
  if (id !== undefined && record.actionid !== id && record.commandid !== id) return false;
  if (refused === true && refusal === undefined && !answered?.refusals.length) return false;
  if (refused === false && refusal !== undefined) return false;
  if (module !== undefined && !asked?.operations.some((one) => one.module === module)) return false;
  if (since !== undefined && Date.parse(time) < since.getTime()) return false;
  return signer === undefined || signers.some((one) => isNamed(one, signer));
}

/** When an action came, and whose valid signatures it had. */
export function originOf({ asked, answered, refused }: JournalRecord): Pick<StartedEntry, 'time' | 'signers'> {
  // What remains of an action whose beginning was removed to make room.
  return asked ?? refused ?? { time: answered?.time ?? '', signers: [] };
}

function isNamed(signer: { readonly investigator: string; readonly fingerprint: string }, part: string): boolean {
  const compact = part.replaceAll(' ', '').toLowerCase();
  return (
    signer.investigator.toLowerCase().includes(part.toLowerCase()) || signer.fingerprint.toLowerCase().includes(compact)
  );
}
