/** Judges one file by all searches that hold where it lies: by name first, then by what stat says, then by what is in it. */
import { ContentJudge } from './content-judge.ts';
import { type Gathered, Gathering } from './gathered.ts';
import type { EntryKind } from './listing.ts';
import { modeString } from './mode-string.ts';
import type { Places } from './places.ts';
import { joinPath, type RawPath, showPath } from './raw-path.ts';
import type { Scope } from './scope.ts';
import type { SearchPlan } from './search-plan.ts';
import { Subject } from './subject.ts';

export class Judge {
  readonly #gathering: Gathering;
  readonly #contents: ContentJudge;

  /** Throws when the patterns of the searches are too large together. */
  constructor(plans: readonly SearchPlan[], places: Places, breathe: () => Promise<void> | undefined) {
    this.#gathering = new Gathering(plans);
    this.#contents = new ContentJudge({
      breathe,
      isMadeUp: (subject) => places.isMadeUp(subject),
      onPass: (plan, subject, filter) => this.#add(plan, subject, filter),
      onFailure: (subject, error, isOpen) => this.#fail(subject, error, isOpen),
    });
    const readers = plans.filter(({ readsFiles }) => readsFiles);
    if (readers.length > 0) this.#contents.groupOf(readers);
  }

  get gathered(): Gathered {
    return this.#gathering.gathered;
  }

  /** Adds what another judge gathered. */
  addAll(gathered: Gathered): void {
    this.#gathering.addAll(gathered);
  }

  /** How much it noted so far: matches, and errors. */
  get noted(): number {
    return this.#gathering.noted;
  }

  /** Counts files that no search takes. */
  passOver(count: number): void {
    this.#gathering.filescount += count;
  }

  /** Notes what could not be looked at. */
  report(path: RawPath, error: unknown): void {
    this.#gathering.addError(`${showPath(path)}: ${reason(error)}`);
  }

  /** Notes what could not be opened. */
  reportClosed(path: RawPath, error: unknown): void {
    this.#gathering.openfailed++;
    this.report(path, error);
  }

  /** Judges the entry `name` of `directory`. Gives a promise only where it has to wait. */
  judge(directory: RawPath, name: RawPath, kind: EntryKind, scope: Scope): Promise<void> | undefined {
    if (scope.readers !== undefined) return this.#read(new Subject(directory, name, kind), scope.readers);
    if (kind === 'file') this.#gathering.filescount++;
    let subject: Subject | undefined;
    let readers: SearchPlan[] | undefined;
    try {
      const { entries } = scope;
      for (let i = 0; i < entries.length; i++) {
        const { plan } = entries[i]!;
        if (plan.options.matchall && !passesNames(plan, name)) continue;
        subject ??= new Subject(directory, name, kind);
        const isWanted = plan.options.matchall
          ? this.#judgeTogether(plan, subject)
          : this.#judgeApart(plan, name, subject);
        if (!isWanted) continue;
        if (readers === undefined) readers = [plan];
        else readers.push(plan);
      }
    } catch (error) {
      this.report(joinPath(directory, name), error);
      return undefined;
    }
    if (subject?.isFileBehindLink) this.#gathering.filescount++;
    return readers === undefined ? undefined : this.#contents.judge(subject!, readers);
  }

  #read(subject: Subject, readers: readonly SearchPlan[]): Promise<void> | undefined {
    if (subject.kind !== 'file') {
      try {
        if (!subject.isReadable) return undefined;
      } catch (error) {
        this.report(subject.path, error);
        return undefined;
      }
    }
    this.#gathering.filescount++;
    return this.#contents.judge(subject, readers);
  }

  /** By all filters on name and stat, of which the names were judged. True when the file is to be read. */
  #judgeTogether(plan: SearchPlan, subject: Subject): boolean {
    if (!plan.seesAll && !subject.isReadable) return false;
    const { stats } = plan;
    for (let i = 0; i < stats.length; i++) if (stats[i]!.test(subject.metadata) === stats[i]!.isInverted) return false;
    if (plan.readsFiles) return subject.isReadable;
    this.#add(plan, subject);
    return false;
  }

  /** By each filter on its own; what is no file can pass those on the mode only. True when the file is to be read. */
  #judgeApart(plan: SearchPlan, name: RawPath, subject: Subject): boolean {
    const { isReadable } = subject;
    if (isReadable) {
      if (plan.filters.length === 0) this.#add(plan, subject);
      for (const filter of plan.names)
        if (filter.test(name) !== filter.isInverted) this.#add(plan, subject, filter.number);
    }
    for (const filter of plan.stats) {
      if (!isReadable && filter.kind !== 'mode') continue;
      if (filter.test(subject.metadata) !== filter.isInverted) this.#add(plan, subject, filter.number);
    }
    return isReadable && plan.readsFiles;
  }

  #add(plan: SearchPlan, subject: Subject, filter?: number): void {
    const { path, isReadable } = subject;
    const { size, mode, mtimeMs } = subject.metadata;
    this.#gathering.addMatch(plan, {
      path: showPath(path),
      ...(isReadable ? { place: path } : {}),
      ...(filter === undefined ? {} : { filter }),
      size,
      mode: modeString(mode),
      mtimeMs,
    });
  }

  #fail(subject: Subject, error: unknown, isOpen: boolean): void {
    if (isOpen) this.report(subject.path, error);
    else this.reportClosed(subject.path, error);
  }
}

function passesNames({ names }: SearchPlan, name: RawPath): boolean {
  for (let i = 0; i < names.length; i++) if (names[i]!.test(name) === names[i]!.isInverted) return false;
  return true;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node adds the call and the path, which is said already: "ENOENT: no such file or directory, open '/x'".
  return error.message.replace(/, (?:open|lstat|stat|scandir|read|fstat)(?: '[\s\S]*')?$/, '');
}
