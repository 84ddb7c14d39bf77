/** Judges one file by all searches that hold where it lies: by name first, then by what stat says, then by what is in it. */
import { closeSync, lstatSync, type Stats, statSync } from 'node:fs';
import { compileSet, type Question, type Scan } from '@mig/regexp';
import { type Hashes, openFile, readContent, readPieces } from './content-reader.ts';
import { inflate, isGzip } from './gzip.ts';
import { modeString } from './mode-string.ts';
import { type RawPath, showPath } from './raw-path.ts';
import type { Scope } from './scope.ts';
import type { ContentFilter, Filter, Metadata, SearchPlan } from './search-plan.ts';

/** What a directory says an entry is. */
export type EntryKind = 'file' | 'link' | 'directory' | 'special';

/** A file that matched: with one filter when filters stand alone. Plain data: threads send it. */
export interface FoundFile extends Metadata {
  readonly label: string;
  readonly path: string;
  readonly filter?: Pick<Filter, 'kind' | 'value'>;
  /** Where it is to be opened, for a file whose SHA256 is wanted. */
  readonly toHash?: RawPath;
}

/** What a walk gathered. Plain data: threads send it. */
export interface Gathered {
  readonly found: FoundFile[];
  readonly errors: string[];
  filescount: number;
  openfailed: number;
}

interface PreparedScan {
  readonly scan: Scan;
  /** Where the pattern of each filter stands in the scan. */
  readonly slots: ReadonlyMap<ContentFilter, number>;
}

/** Most scans that are kept ready for groups of searches. */
const mostScans = 8;

export class Judge {
  readonly gathered: Gathered = { found: [], errors: [], filescount: 0, openfailed: 0 };
  readonly #breathe: () => Promise<void> | undefined;
  readonly #scans = new Map<string, PreparedScan>();

  constructor(breathe: () => Promise<void> | undefined) {
    this.#breathe = breathe;
  }

  /** Notes what could not be looked at. */
  report(path: RawPath, error: unknown): void {
    this.gathered.errors.push(`${showPath(path)}: ${reason(error)}`);
  }

  /** Judges the entry `name` at `path`. Gives a promise only where it has to wait. */
  judge(path: RawPath, name: RawPath, kind: EntryKind, scope: Scope): Promise<void> | undefined {
    const subject = new Subject(path, kind);
    const readers: SearchPlan[] = [];
    if (kind === 'file') this.gathered.filescount++;
    try {
      for (const { plan } of scope.entries) {
        if (kind !== 'file' && !plan.seesAll && !this.#isWantedLink(subject, plan, name)) continue;
        if (plan.options.matchall) this.#judgeTogether(plan, name, subject, readers);
        else this.#judgeApart(plan, name, subject, readers);
      }
    } catch (error) {
      this.report(path, error);
      return undefined;
    }
    if (subject.isFileBehindLink) this.gathered.filescount++;
    return readers.length === 0 ? undefined : this.#read(subject, readers);
  }

  /** Whether this is a link to a regular file, found out only for a name that matters. */
  #isWantedLink(subject: Subject, plan: SearchPlan, name: RawPath): boolean {
    if (subject.kind !== 'link') return false;
    if (plan.options.matchall && plan.names.some((filter) => filter.test(name) === filter.isInverted)) return false;
    return subject.isReadable;
  }

  #judgeTogether(plan: SearchPlan, name: RawPath, subject: Subject, readers: SearchPlan[]): void {
    if (plan.names.some((filter) => filter.test(name) === filter.isInverted)) return;
    if (plan.stats.some((filter) => filter.test(subject.metadata) === filter.isInverted)) return;
    if (plan.contents.length + plan.hashes.length === 0) this.#add(plan, subject);
    else if (subject.isReadable) readers.push(plan);
  }

  #judgeApart(plan: SearchPlan, name: RawPath, subject: Subject, readers: SearchPlan[]): void {
    const isBare = plan.names.length + plan.stats.length + plan.contents.length + plan.hashes.length === 0;
    if (isBare) this.#add(plan, subject);
    for (const filter of plan.names) if (filter.test(name) !== filter.isInverted) this.#add(plan, subject, filter);
    for (const filter of plan.stats)
      if (filter.test(subject.metadata) !== filter.isInverted) this.#add(plan, subject, filter);
    if (plan.contents.length + plan.hashes.length > 0 && subject.isReadable) readers.push(plan);
  }

  #add(plan: SearchPlan, subject: Subject, filter?: Filter): void {
    const { size, mode, mtimeMs } = subject.metadata;
    const { label, options } = plan;
    const toHash = options.returnsha256 && subject.isReadable ? { toHash: subject.path } : {};
    const which = filter === undefined ? {} : { filter: { kind: filter.kind, value: filter.value } };
    this.gathered.found.push({ label, path: showPath(subject.path), size, mode, mtimeMs, ...which, ...toHash });
  }

  #read(subject: Subject, plans: readonly SearchPlan[]): Promise<void> | undefined {
    let fd: number;
    try {
      fd = openFile(subject.path, subject.kind === 'link');
    } catch (error) {
      this.gathered.openfailed++;
      this.report(subject.path, error);
      return undefined;
    }
    let isOurs = true;
    try {
      if (plans.some(({ options }) => options.decompress) && isGzip(fd)) {
        isOurs = false;
        return this.#readCompressed(fd, subject, plans);
      }
      const prepared = this.#prepare(plans);
      const hashes = readContent(fd, this.#reading(subject, plans, prepared), this.#breathe);
      if (!(hashes instanceof Promise)) {
        this.#conclude(plans, subject, prepared, hashes);
        return undefined;
      }
      isOurs = false;
      return this.#finish(fd, subject, async () => this.#conclude(plans, subject, prepared, await hashes));
    } catch (error) {
      this.report(subject.path, error);
      return undefined;
    } finally {
      if (isOurs) closeSync(fd);
    }
  }

  /** Searches that decompress see what is in the archive; the others see its bytes, in a reading of their own. */
  #readCompressed(fd: number, subject: Subject, plans: readonly SearchPlan[]): Promise<void> {
    return this.#finish(fd, subject, async () => {
      const inside = plans.filter(({ options }) => options.decompress);
      const outside = plans.filter(({ options }) => !options.decompress);
      if (outside.length > 0) {
        const prepared = this.#prepare(outside);
        this.#conclude(
          outside,
          subject,
          prepared,
          await readContent(fd, this.#reading(subject, outside, prepared), this.#breathe),
        );
      }
      const prepared = this.#prepare(inside);
      this.#conclude(
        inside,
        subject,
        prepared,
        await readPieces(inflate(fd), this.#reading(subject, inside, prepared)),
      );
    });
  }

  async #finish(fd: number, subject: Subject, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      this.report(subject.path, error);
    } finally {
      closeSync(fd);
    }
  }

  #reading(subject: Subject, plans: readonly SearchPlan[], prepared: PreparedScan | undefined) {
    const algorithms = [...new Set(plans.flatMap(({ hashes }) => hashes.map(({ algorithm }) => algorithm)))];
    return { scan: prepared?.scan, algorithms, hasShortReads: /^\/(proc|sys)\//.test(subject.path.toString()) };
  }

  #prepare(plans: readonly SearchPlan[]): PreparedScan | undefined {
    const filters = plans.flatMap(({ contents }) => contents);
    if (filters.length === 0) return undefined;
    const key = plans.map(({ label }) => label).join('\0');
    const known = this.#scans.get(key);
    if (known !== undefined) return known;
    if (this.#scans.size >= mostScans) this.#scans.clear();
    const prepared = prepareScan(filters);
    this.#scans.set(key, prepared);
    return prepared;
  }

  #conclude(plans: readonly SearchPlan[], subject: Subject, prepared: PreparedScan | undefined, hashes: Hashes): void {
    for (const plan of plans) {
      const contents = plan.contents.map((filter) => contentMatches(filter, prepared!));
      const sums = plan.hashes.map((filter) => (hashes[filter.algorithm] === filter.value) !== filter.isInverted);
      if (!plan.options.matchall) {
        for (const filter of plan.contents.filter((_, i) => contents[i])) this.#add(plan, subject, filter);
        for (const filter of plan.hashes.filter((_, i) => sums[i])) this.#add(plan, subject, filter);
      } else if (areContentsMet(plan, contents) && sums.every(Boolean)) this.#add(plan, subject);
    }
  }
}

/** Lines that do not conform to some regexp: with macroal and mismatch, one such line of any of them is enough. */
function areContentsMet({ options, contents }: SearchPlan, outcomes: readonly boolean[]): boolean {
  const wantsMisfits = options.macroal && options.mismatch.includes('content') && contents.length > 0;
  return wantsMisfits ? outcomes.some(Boolean) : outcomes.every(Boolean);
}

function contentMatches(filter: ContentFilter, { scan, slots }: PreparedScan): boolean {
  const slot = slots.get(filter)!;
  const matches = filter.isForEveryLine ? scan.missed[slot] === 0 : scan.matched[slot] === 1;
  return matches !== (filter.isNegated !== filter.isInverted);
}

function prepareScan(filters: readonly ContentFilter[]): PreparedScan {
  const patterns: string[] = [];
  const questions: Question[] = [];
  const slots = new Map<ContentFilter, number>();
  for (const filter of filters) {
    const question: Question = filter.isForEveryLine ? 'every' : 'some';
    let slot = patterns.findIndex((pattern, i) => pattern === filter.pattern && questions[i] === question);
    if (slot < 0) {
      slot = patterns.push(filter.pattern) - 1;
      questions.push(question);
    }
    slots.set(filter, slot);
  }
  return { scan: compileSet(patterns, { maxProgramSize: 1_000_000 }).scan(questions), slots };
}

/** An entry, and what stat says of it when it is asked. */
class Subject {
  readonly path: RawPath;
  readonly kind: EntryKind;
  #own: Stats | undefined;
  #behind: Stats | null | undefined;

  constructor(path: RawPath, kind: EntryKind) {
    this.path = path;
    this.kind = kind;
  }

  /** A regular file, or a link to one: what may be opened. */
  get isReadable(): boolean {
    return this.kind === 'file' || this.#target !== null;
  }

  /** Known to be a link to a regular file. */
  get isFileBehindLink(): boolean {
    return this.#behind !== undefined && this.#behind !== null;
  }

  /** Size and time are those of the file behind a link; the mode is the link's own. */
  get metadata(): Metadata {
    this.#own ??= lstatSync(this.path);
    const { size, mtimeMs } = this.#target ?? this.#own;
    return { size, mtimeMs, mode: modeString(this.#own.mode) };
  }

  /** The regular file behind a link; null when this is no link, or leads to nothing or to something else. */
  get #target(): Stats | null {
    if (this.kind !== 'link') return null;
    if (this.#behind === undefined) this.#behind = statFile(this.path);
    return this.#behind;
  }
}

function statFile(path: RawPath): Stats | null {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return null; // A link that leads nowhere.
    throw error;
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node adds the call and the path, which is said already: "ENOENT: no such file or directory, open '/x'".
  return error.message.replace(/, (?:open|lstat|stat|scandir|read|fstat)(?: '[\s\S]*')?$/, '');
}
