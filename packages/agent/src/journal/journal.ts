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
/** Segments that leave at one start: more than one action adds. */
const mostCarried = 4;
/** How long after its end an action is forgotten, at the earliest. */
const forgottenAfterMs = 86_400_000;

/** What the journal knows of an action that could come again. */
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
  /** How many segments were left when there were too many last. */
  #left = 0;

  /** Opens the journal in `directory`, which must be there, and bounds it to `sizeBytes`. */
  constructor(directory: string, sizeBytes: number) {
    for (const entry of entriesOf(directory, actions)) this.#remember(entry);
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

  /** Whether an action of this id was started here. It is remembered as long as it stands in the journal, and until the action has expired. */
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
    this.#remember(entry);
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

  /** No clock is asked: one that stands in the future for a while must not make the agent forget what then could run again. */
  #remember(entry: JournalEntry): void {
    if (entry.entry === 'started') {
      this.#keep(entry);
      this.#open.set(entry.commandid, entry);
    } else if (entry.entry === 'carried') for (const known of entry.ids) this.#keep(known);
    else if (entry.entry === 'finished') this.#open.delete(entry.commandid);
  }

  #keep({ commandid, actionid, expireafter }: Known): void {
    const known = { commandid, actionid, expireafter };
    this.#byAction.set(actionid, known);
    this.#byCommand.set(commandid, known);
  }

  /** Removes the oldest entries when there are too many, and keeps the ids that could still come again. */
  #bound(): void {
    if (this.#actions.count <= this.#left) return;
    // Not until it is small enough: where most ids could still come again, what stands for a segment is as long as it was.
    for (let left = mostCarried; left > 0 && this.#actions.count > this.#segments; left--) {
      const forgotten = carry(this.#actions, isNeededAt(Date.now()));
      for (const { actionid, commandid } of forgotten) {
        this.#byAction.delete(actionid);
        this.#byCommand.delete(commandid);
      }
    }
    this.#left = Math.max(this.#segments, this.#actions.count);
  }
}

/** Removes the oldest segment, once an entry stands for it: how much it held, and the ids that are kept. Gives those that are not. */
function carry(segments: Segments, isKept: (known: Known) => boolean): readonly Known[] {
  const leaving = segments.oldest().flatMap((line) => parseEntry(line) ?? []);
  const known = leaving.flatMap(idsOf);
  const carried: CarriedEntry = {
    entry: 'carried',
    time: new Date().toISOString(),
    ids: known.filter(isKept),
    removed: leaving.reduce((sum, entry) => sum + (entry.entry === 'carried' ? entry.removed : 1), 0),
    until: leaving.findLast(({ entry }) => entry !== 'carried')?.time ?? '',
  };
  segments.append([JSON.stringify(carried)], true);
  segments.dropOldest();
  return known.filter((one) => !isKept(one));
}

/** Whether an action may still come again: a day after its end it does not, as long as no clock is set back by more. */
function isNeededAt(now: number): (known: Known) => boolean {
  return ({ expireafter }) => Date.parse(expireafter) + forgottenAfterMs >= now;
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
