/**
 * The journal of an endpoint: every action that ran on it, for its owner; and the memory that nothing runs twice.
 *
 * `started` is on disk before anything runs. So after a crash, what is started and not finished was interrupted, and an
 * action whose id is there is not run again. Refused commands are kept in a log of their own: nobody can push out the
 * record of what ran by sending nonsense.
 */
import { createHash } from 'node:crypto';
import {
  type CarriedEntry,
  type FinishedEntry,
  JournalEntry,
  kept,
  type RefusedEntry,
  type StartedEntry,
} from './entries.ts';
import { linesOfSegments, Segments } from './segments.ts';

const actions = 'actions';
const refused = 'refused';

/** What the journal knows of an action whose time has not run out. */
interface Known {
  readonly commandid: string;
  readonly actionid: string;
  readonly expireafter: string;
}

export class Journal {
  readonly #actions: Segments;
  readonly #refused: Segments;
  readonly #segments: number;
  readonly #byAction = new Map<string, Known>();
  readonly #byCommand = new Map<string, Known>();
  readonly #open = new Map<string, StartedEntry>();

  /** Opens the journal in `directory`, which must be there, and bounds it to `sizeBytes`. */
  constructor(directory: string, sizeBytes: number, now: Date = new Date()) {
    for (const entry of entriesOf(directory, actions)) this.#remember(entry, now);
    const segmentBytes = Math.max(64 * 1024, Math.floor(sizeBytes / 10));
    // Eight parts of ten for what ran, one for what was refused, and the last is being written.
    this.#segments = 8;
    this.#actions = new Segments(directory, actions, segmentBytes);
    this.#refused = new Segments(directory, refused, Math.floor(segmentBytes / 2));
  }

  /** Actions that were started and never finished: a crash interrupted them, unless they run now. */
  unfinished(): readonly StartedEntry[] {
    return [...this.#open.values()];
  }

  /** Whether an action of this id was started here. It is remembered until the action has expired. */
  hasAction(actionId: string): boolean {
    return this.#byAction.has(actionId);
  }

  /** Whether a command of this id was started here. */
  hasCommand(commandId: string): boolean {
    return this.#byCommand.has(commandId);
  }

  /** Whether the command was started and has not been finished. */
  isUnfinished(commandId: string): boolean {
    return this.#open.has(commandId);
  }

  /** Notes the start of an action. Throws when it cannot be made durable: then nothing may run. */
  start(entry: StartedEntry): void {
    const operations = entry.operations.map(({ module, parameters }) => ({
      module,
      parameters: kept(parameters, describeCut),
    }));
    this.#actions.append([JSON.stringify({ ...entry, operations })], true);
    this.#remember(entry, new Date());
    this.#bound();
  }

  finish(entry: FinishedEntry): void {
    const results = entry.results?.map((result) => ({
      ...result,
      elements: kept(result.elements, describeCut),
      statistics: kept(result.statistics, describeCut),
    }));
    this.#actions.append([JSON.stringify({ ...entry, results: results ?? null })], false);
    this.#open.delete(entry.commandid);
  }

  refuse(entry: RefusedEntry): void {
    this.#refused.append([JSON.stringify(entry)], false);
    while (this.#refused.count > 2) carry(this.#refused, () => false);
  }

  close(): void {
    this.#actions.close();
    this.#refused.close();
  }

  #remember(entry: JournalEntry, now: Date): void {
    if (entry.entry === 'started') {
      this.#keep(entry, now);
      this.#open.set(entry.commandid, entry);
    } else if (entry.entry === 'carried') for (const known of entry.ids) this.#keep(known, now);
    else if (entry.entry === 'finished') this.#open.delete(entry.commandid);
  }

  #keep({ commandid, actionid, expireafter }: Known, now: Date): void {
    if (Date.parse(expireafter) < now.getTime()) return;
    const known = { commandid, actionid, expireafter };
    this.#byAction.set(actionid, known);
    this.#byCommand.set(commandid, known);
  }

  /** Removes the oldest entries when there are too many, and keeps the ids that could still come again. */
  #bound(): void {
    while (this.#actions.count > this.#segments) {
      const now = new Date();
      for (const known of this.#byAction.values()) {
        if (Date.parse(known.expireafter) >= now.getTime()) continue;
        this.#byAction.delete(known.actionid);
        this.#byCommand.delete(known.commandid);
      }
      carry(this.#actions, (actionId) => this.#byAction.has(actionId));
    }
  }
}

/** Removes the oldest segment, once an entry stands for it: how much it held, and the ids that are still needed. */
function carry(segments: Segments, isNeeded: (actionId: string) => boolean): void {
  const leaving = segments.oldest().flatMap((line) => parseEntry(line) ?? []);
  const carried: CarriedEntry = {
    entry: 'carried',
    time: new Date().toISOString(),
    ids: leaving.flatMap(idsOf).filter(({ actionid }) => isNeeded(actionid)),
    removed: leaving.reduce((sum, entry) => sum + (entry.entry === 'carried' ? entry.removed : 1), 0),
    until: leaving.findLast(({ entry }) => entry !== 'carried')?.time ?? '',
  };
  segments.append([JSON.stringify(carried)], true);
  segments.dropOldest();
}

/** Everything in the journal in `directory`, what ran and what was refused, in order of time. */
export function readJournal(directory: string): JournalEntry[] {
  const entries = [...entriesOf(directory, actions), ...entriesOf(directory, refused)];
  return entries.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function* entriesOf(directory: string, prefix: string): Generator<JournalEntry> {
  for (const line of linesOfSegments(directory, prefix)) {
    const entry = parseEntry(line);
    if (entry !== undefined) yield entry;
  }
}

/** Undefined for a line that a crash cut short: what it says was not yet acted upon. */
function parseEntry(line: string): JournalEntry | undefined {
  try {
    return JournalEntry.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function idsOf(entry: JournalEntry): readonly Known[] {
  if (entry.entry === 'carried') return entry.ids;
  if (entry.entry !== 'started') return [];
  const { commandid, actionid, expireafter } = entry;
  return [{ commandid, actionid, expireafter }];
}

function describeCut(json: string) {
  const sha256 = createHash('sha256').update(json).digest('hex');
  return { cut: true as const, bytes: Buffer.byteLength(json), sha256 };
}
