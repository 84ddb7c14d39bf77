/** Walks directories, the last one found first, and hands what they hold to the judge. */
import { lstatSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Judge } from './judge.ts';
import { type Entry, type EntryKind, listDirectory } from './listing.ts';
import type { Place, Places } from './places.ts';
import { joinPath, type RawPath } from './raw-path.ts';
import type { Root } from './roots.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';

/** Entries between two breaths, where none of them is read. */
const entriesPerBreath = 512;

export class Walk {
  readonly units: Unit[] = [];
  readonly #judge: Judge;
  readonly #places: Places;
  readonly #breathe: () => Promise<void> | undefined;

  constructor(judge: Judge, places: Places, breathe: () => Promise<void> | undefined) {
    this.#judge = judge;
    this.#places = places;
    this.#breathe = breathe;
  }

  /** Adds a path that a search names: a directory (also behind a link), or a file. */
  async addRoot({ path, judged, entered }: Root): Promise<void> {
    let kind: EntryKind;
    let isDirectory: boolean;
    try {
      kind = kindOf(lstatSync(path));
      isDirectory = kind === 'directory' || (kind === 'link' && statSync(path).isDirectory());
    } catch (error) {
      this.#judge.reportClosed(path, error);
      return;
    }
    if (isDirectory) this.units.push({ path, scope: entered });
    if (!isDirectory || judged.seesAll) await this.#judge.judge(dirname(path), basename(path), kind, judged);
  }

  /** Does one unit; what it finds below is added to `units`. Gives a promise only where it has to wait. */
  work(unit: Unit): Promise<void> | undefined {
    const { path, scope } = unit;
    const files = unit.files ?? this.#list(unit);
    const isReading = scope.filesPerUnit < entriesPerBreath;
    for (let at = 0; at < files.length; at++) {
      const [name, kind] = files[at]!;
      const judged = this.#judge.judge(path, name, kind, scope);
      if (judged !== undefined) return this.#goOn(unit, files, at + 1, judged);
      if (isReading || at % entriesPerBreath === entriesPerBreath - 1) {
        const pause = this.#breathe();
        if (pause !== undefined) return this.#goOn(unit, files, at + 1, pause);
      }
    }
    return undefined;
  }

  /** Goes on at a file once `pause` is over. */
  async #goOn({ path, scope }: Unit, files: readonly Entry[], at: number, pause: Promise<void>): Promise<void> {
    await pause;
    const rest = this.work({ path, scope, files: files.slice(at) });
    if (rest !== undefined) await rest;
  }

  /** Lists a directory: gives the files to judge now, and adds the rest as units. */
  #list({ path, scope }: Unit): readonly Entry[] {
    let entries: Entry[];
    try {
      entries = listDirectory(path);
    } catch (error) {
      this.#judge.reportClosed(path, error);
      return [];
    }
    const places = this.#places.in(path);
    const below = scope.below();
    const files: Entry[] = [];
    for (const entry of entries) {
      const [name, kind] = entry;
      const place = places?.get(name as string);
      if (place?.isRoot) continue;
      if (kind === 'directory') {
        if (below !== undefined) this.#enter(joinPath(path, name), below, place);
        if (scope.seesAll) files.push(entry);
      } else if (place !== undefined) this.#skip(joinPath(path, name), place);
      else if (kind !== 'special' || scope.seesAll) files.push(entry);
    }
    const { filesPerUnit } = scope;
    if (files.length <= 2 * filesPerUnit) return files;
    for (let at = filesPerUnit; at < files.length; at += filesPerUnit) {
      this.units.push({ path, scope, files: files.slice(at, at + filesPerUnit) });
    }
    return files.slice(0, filesPerUnit);
  }

  #enter(path: RawPath, scope: Scope, place: Place | undefined): void {
    if (place === undefined) {
      this.units.push({ path, scope });
      return;
    }
    const remote = scope.remote();
    if (remote !== undefined) this.units.push({ path, scope: remote });
    if (remote !== scope) this.#skip(path, place);
  }

  #skip(path: RawPath, { mount }: Place): void {
    this.#judge.report(path, `mount of type ${mount} was not entered: name it as a path, or use remotefs`);
  }
}

function kindOf(stats: Stats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'special';
}
