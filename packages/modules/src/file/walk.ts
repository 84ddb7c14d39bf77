/**
 * Walks directories, the last one found first, and hands what they hold to the judge. The loops that every entry passes
 * count: what V8 makes of an iterator takes longer to compile than most walks take.
 */
import { lstatSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Judge } from './judge.ts';
import { type Entry, type EntryKind, kindOf, listDirectory, type PlainEntry, readLink } from './listing.ts';
import type { Place, Places } from './places.ts';
import { joinPath, type RawPath } from './raw-path.ts';
import type { Root } from './roots.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';

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
    if (isDirectory) this.units.push({ path, scope: entered, files: undefined });
    if (!isDirectory || judged.seesAll) await this.#judge.judge(dirname(path), basename(path), kind, judged);
  }

  /** Does one unit; what it finds below is added to `units`. Gives a promise only where it has to wait. */
  work(unit: Unit): Promise<void> | undefined {
    return unit.files === undefined ? this.#list(unit) : this.#judgeFiles(unit, unit.files);
  }

  /** Lists a directory and judges its files; when there are many, they become units. */
  #list({ path, scope }: Unit): Promise<void> | undefined {
    let entries: readonly Entry[];
    try {
      entries = listDirectory(path);
    } catch (error) {
      this.#judge.reportClosed(path, error);
      return undefined;
    }
    const places = this.#places.in(path);
    const below = scope.below();
    const isLarge = entries.length > 2 * scope.filesPerUnit;
    const isLater = isLarge || scope.readers !== undefined;
    const later: PlainEntry[] = [];
    let hasLinks = false;
    let waiting: Promise<void> | undefined;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      const { name } = entry;
      const kind = kindOf(entry);
      const place = places?.get(name as string);
      if (place?.isRoot) continue;
      if (kind === 'directory') {
        if (below !== undefined) this.#enter(joinPath(path, name), below, place);
        if (!scope.seesAll) continue;
      } else if (place !== undefined) {
        this.#skip(joinPath(path, name), place);
        continue;
      } else if (kind === 'special' && !scope.seesAll) continue;
      if (kind === 'link') hasLinks = true;
      if (isLater || waiting !== undefined) later.push({ name, kind, links: undefined });
      else waiting = this.#judge.judge(path, name, kind, scope);
    }
    if (waiting !== undefined) return this.#goOn({ path, scope, files: later }, waiting);
    const files = hasLinks && scope.readers !== undefined ? joinLinks(path, later) : later;
    if (!isLarge) return this.#judgeFiles({ path, scope, files }, files);
    for (let at = 0; at < files.length; at += scope.filesPerUnit) {
      this.units.push({ path, scope, files: files.slice(at, at + scope.filesPerUnit) });
    }
    return undefined;
  }

  #judgeFiles({ path, scope }: Unit, files: readonly PlainEntry[]): Promise<void> | undefined {
    for (let i = 0; i < files.length; i++) {
      const { name, kind, links } = files[i]!;
      const { noted } = this.#judge;
      const judged = this.#judge.judge(path, name, kind, scope) ?? this.#breathe();
      if (links !== undefined) {
        if (judged === undefined && this.#judge.noted === noted) this.#judge.passOver(links.length);
        else this.units.push({ path, scope, files: links.map(toLink) });
      }
      if (judged !== undefined) return this.#goOn({ path, scope, files: files.slice(i + 1) }, judged);
    }
    return undefined;
  }

  /** Goes on with the rest of a unit once `waiting` is over. */
  async #goOn(rest: Unit, waiting: Promise<void>): Promise<void> {
    await waiting;
    const working = this.work(rest);
    if (working !== undefined) await working;
  }

  #enter(path: RawPath, scope: Scope, place: Place | undefined): void {
    if (place === undefined) {
      this.units.push({ path, scope, files: undefined });
      return;
    }
    const remote = scope.remote();
    if (remote !== undefined) this.units.push({ path, scope: remote, files: undefined });
    if (remote !== scope) this.#skip(path, place);
  }

  #skip(path: RawPath, { mount }: Place): void {
    this.#judge.report(path, `mount of type ${mount} was not entered: name it as a path, or use remotefs`);
  }
}

/** Puts links to a file of the same directory with that file: what lies behind them is judged with it. */
function joinLinks(directory: RawPath, entries: readonly PlainEntry[]): readonly PlainEntry[] {
  const byTarget = new Map<RawPath, RawPath[]>();
  for (let i = 0; i < entries.length; i++) {
    const { name, kind } = entries[i]!;
    if (kind !== 'link') continue;
    const target = readLink(joinPath(directory, name));
    const links = byTarget.get(target);
    if (links === undefined) byTarget.set(target, [name]);
    else links.push(name);
  }
  const left: PlainEntry[] = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    if (entry.kind === 'link') continue;
    if (entry.kind === 'file') {
      entry.links = byTarget.get(entry.name);
      if (entry.links !== undefined) byTarget.delete(entry.name);
    }
    left.push(entry);
  }
  for (const links of byTarget.values()) for (const name of links) left.push(toLink(name));
  return left;
}

function toLink(name: RawPath): PlainEntry {
  return { name, kind: 'link', links: undefined };
}
