/** Judges files by what is in them: opens, reads once, and tells which searches and filters they pass. */
import { closeSync } from 'node:fs';
import { ContentGroup } from './content-group.ts';
import { beginReading, type Hashes, hashAll, openFile, readOn, readPiece, readPieces } from './content-reader.ts';
import { inflate, inflateSmall, isGzip } from './gzip.ts';
import type { SearchPlan } from './search-plan.ts';
import type { Subject } from './subject.ts';

export interface ContentJudgeSettings {
  readonly breathe: () => Promise<void> | undefined;
  /** Whether the kernel makes up the file while it is read. */
  readonly isMadeUp: (subject: Subject) => boolean;
  /** Takes a file that passed: all filters of the search, or the one of this number. */
  readonly onPass: (plan: SearchPlan, subject: Subject, filter?: number) => void;
  readonly onFailure: (subject: Subject, error: unknown, isOpen: boolean) => void;
}

/** Groups that are kept ready. */
const mostGroups = 16;

export class ContentJudge {
  readonly #settings: ContentJudgeSettings;
  readonly #groups = new Map<string, ContentGroup>();

  constructor(settings: ContentJudgeSettings) {
    this.#settings = settings;
  }

  /** The group of `plans`. Throws when their patterns are too large together. */
  groupOf(plans: readonly SearchPlan[]): ContentGroup {
    const key = plans.length === 1 ? plans[0]!.label : plans.map(({ number }) => number).join('\0');
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    if (this.#groups.size >= mostGroups) this.#groups.clear();
    const group = new ContentGroup(plans);
    this.#groups.set(key, group);
    return group;
  }

  /** Judges the file `subject` by the content filters and hashes of `plans`. Gives a promise only where it has to wait. */
  judge(subject: Subject, plans: readonly SearchPlan[]): Promise<void> | undefined {
    let fd: number;
    try {
      fd = openFile(subject.path, subject.kind === 'link');
    } catch (error) {
      this.#settings.onFailure(subject, error, false);
      return undefined;
    }
    let waiting: Promise<void> | undefined;
    try {
      waiting = this.#read(fd, subject, this.groupOf(plans));
    } catch (error) {
      this.#settings.onFailure(subject, error, true);
    }
    if (waiting !== undefined) return this.#finish(fd, subject, waiting);
    closeSync(fd);
    return undefined;
  }

  /** Gives a promise only where it has to wait. */
  #read(fd: number, subject: Subject, group: ContentGroup): Promise<void> | undefined {
    const room = beginReading(group);
    const count = readPiece(fd, room, 0);
    const isWhole = count > 0 && count < room.length && !this.#settings.isMadeUp(subject);
    if (group.inflates && isGzip(room, count)) {
      return this.#readCompressed(fd, subject, group, room, isWhole ? count : undefined);
    }
    if (!isWhole) return this.#readLong(fd, subject, group, room, count);
    const isMatched = group.scan?.takeWhole(count);
    if (isMatched || !group.rejectsUnmatched) this.#conclude(group, subject, hashAll(group, room.subarray(0, count)));
    return undefined;
  }

  /** Gives a promise only where it has to wait. */
  #readLong(fd: number, subject: Subject, group: ContentGroup, room: Uint8Array, count: number) {
    const { breathe, isMadeUp } = this.#settings;
    const hashes = readOn(fd, group, room, count, { breathe, isMadeUp: isMadeUp(subject) });
    if (hashes instanceof Promise) return hashes.then((made) => this.#conclude(group, subject, made));
    this.#conclude(group, subject, hashes);
    return undefined;
  }

  /** Searches that inflate see what is in the archive; the others see its bytes, in a reading of their own. */
  async #readCompressed(fd: number, subject: Subject, group: ContentGroup, room: Uint8Array, whole?: number) {
    if (!group.isMixed) {
      const small = whole === undefined ? undefined : inflateSmall(room.subarray(0, whole));
      this.#conclude(group, subject, await readPieces(small === undefined ? inflate(fd) : piecesOf(small), group));
      return;
    }
    const outside = this.groupOf(group.plans.filter(({ options }) => !options.decompress));
    const first = beginReading(outside);
    await this.#readLong(fd, subject, outside, first, readPiece(fd, first, 0));
    const inside = this.groupOf(group.plans.filter(({ options }) => options.decompress));
    this.#conclude(inside, subject, await readPieces(inflate(fd), inside));
  }

  async #finish(fd: number, subject: Subject, reading: Promise<void>): Promise<void> {
    try {
      await reading;
    } catch (error) {
      this.#settings.onFailure(subject, error, true);
    } finally {
      closeSync(fd);
    }
  }

  #conclude(group: ContentGroup, subject: Subject, hashes: Hashes): void {
    const { onPass } = this.#settings;
    for (const plan of group.plans) {
      if (!plan.options.matchall) for (const filter of group.passing(plan, hashes)) onPass(plan, subject, filter);
      else if (group.passesAll(plan, hashes)) onPass(plan, subject);
    }
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
