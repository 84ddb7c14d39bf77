/** Walks directories, deepest last in first out, and hands what they hold to the judge. */
import { type Dirent, lstatSync, readdirSync, statSync } from 'node:fs';
import type { EntryKind, Judge } from './judge.ts';
import { joinPath, type RawPath } from './raw-path.ts';
import { Scope } from './scope.ts';
import type { SearchPlan } from './search-plan.ts';

/** A piece of work: a directory, or some of its files. */
export interface Unit {
  readonly path: RawPath;
  readonly scope: Scope;
  /** The files of the directory that are left to judge; undefined when it was not listed yet. */
  readonly files?: readonly (readonly [RawPath, EntryKind])[];
}

/** A unit as it travels to another thread: scopes by the labels of their searches. */
export interface PortableUnit {
  readonly path: RawPath;
  readonly scope: readonly (readonly [string, number])[];
  readonly files?: Unit['files'];
}

export interface WalkSettings {
  /** Directories that are walked by themselves. */
  readonly roots: ReadonlySet<string>;
  /** Mounts that are not entered, with their types. */
  readonly mounts: ReadonlyMap<string, string>;
}

/** Files of a directory that make a unit of their own when they are read, so that threads can share them. */
const filesPerUnit = 32;

/** Entries between two breaths. */
const entriesPerBreath = 512;

export class Walk {
  readonly units: Unit[] = [];
  readonly #judge: Judge;
  readonly #settings: WalkSettings;
  readonly #breathe: () => Promise<void> | undefined;

  constructor(judge: Judge, settings: WalkSettings, breathe: () => Promise<void> | undefined) {
    this.#judge = judge;
    this.#settings = settings;
    this.#breathe = breathe;
  }

  /** Adds a path that a search names: a directory (also behind a link), or a file. */
  async addRoot(path: string, scope: Scope): Promise<void> {
    try {
      const stats = lstatSync(path);
      const kind: EntryKind = stats.isFile()
        ? 'file'
        : stats.isSymbolicLink()
          ? 'link'
          : stats.isDirectory()
            ? 'directory'
            : 'special';
      const isEntered =
        kind === 'directory' ||
        (kind === 'link' && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false));
      if (isEntered && scope.entries.some(({ left }) => left > 0)) this.units.push({ path, scope });
      if (!isEntered || scope.seesAll)
        await this.#judge.judge(path, path.slice(path.lastIndexOf('/') + 1), kind, scope);
    } catch (error) {
      this.#judge.gathered.openfailed++;
      this.#judge.report(path, error);
    }
  }

  /** Does one unit; what it finds below is added to `units`. */
  async work(unit: Unit): Promise<void> {
    const files = unit.files ?? this.#list(unit);
    let count = 0;
    for (const [name, kind] of files) {
      const judged = this.#judge.judge(joinPath(unit.path, name), name, kind, unit.scope);
      if (judged !== undefined) await judged;
      if (++count % entriesPerBreath === 0 || unit.scope.readsContent) {
        const pause = this.#breathe();
        if (pause !== undefined) await pause;
      }
    }
  }

  /** Lists a directory: gives the files to judge now, and adds the rest as units. */
  #list({ path, scope }: Unit): (readonly [RawPath, EntryKind])[] {
    let entries: Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch (error) {
      this.#judge.gathered.openfailed++;
      this.#judge.report(path, error);
      return [];
    }
    const files: (readonly [RawPath, EntryKind])[] = [];
    const below = scope.below();
    let names: readonly RawPath[] | undefined;
    for (const entry of entries) {
      let name: RawPath = entry.name;
      if (name.includes('\ufffd')) {
        names ??= rawNames(path);
        name = names.find((raw) => raw.toString() === entry.name) ?? name;
        names = names.filter((raw) => raw !== name);
      }
      if (entry.isDirectory()) {
        if (below !== undefined) this.#enter(joinPath(path, name), below);
        if (scope.seesAll) files.push([name, 'directory']);
      } else if (entry.isFile()) files.push([name, 'file']);
      else if (entry.isSymbolicLink()) files.push([name, 'link']);
      else if (scope.seesAll) files.push([name, 'special']);
    }
    const judged = this.#withoutRoots(path, files);
    if (!scope.readsContent || judged.length <= 2 * filesPerUnit) return judged;
    for (let at = filesPerUnit; at < judged.length; at += filesPerUnit) {
      this.units.push({ path, scope, files: judged.slice(at, at + filesPerUnit) });
    }
    return judged.slice(0, filesPerUnit);
  }

  #enter(path: RawPath, scope: Scope): void {
    if (typeof path === 'string') {
      if (this.#settings.roots.has(path)) return;
      const type = this.#settings.mounts.get(path);
      const isSkipping = type !== undefined && !scope.entries.some(({ plan }) => plan.options.remotefs);
      if (isSkipping) {
        this.#judge.report(
          path,
          new Error(`mount of type ${type} was not entered: name it as a path, or use remotefs`),
        );
        return;
      }
      if (type !== undefined) {
        const entries = scope.entries.filter(({ plan }) => plan.options.remotefs);
        this.units.push({ path, scope: new Scope(entries) });
        return;
      }
    }
    this.units.push({ path, scope });
  }

  /** A file that a search names as a path is judged there. */
  #withoutRoots(path: RawPath, files: (readonly [RawPath, EntryKind])[]): (readonly [RawPath, EntryKind])[] {
    const { roots } = this.#settings;
    if (roots.size < 2) return files;
    return files.filter(([name, kind]) => kind === 'directory' || !roots.has(joinPath(path, name).toString()));
  }
}

/** Names as they are, for a directory where some are not UTF-8. */
function rawNames(path: RawPath): readonly RawPath[] {
  return readdirSync(path, { encoding: 'buffer' }) as unknown as Buffer[];
}

export function toPortable({ path, scope, files }: Unit): PortableUnit {
  const entries = scope.entries.map(({ plan, left }) => [plan.label, left] as const);
  return files === undefined ? { path, scope: entries } : { path, scope: entries, files };
}

/** Gives units back their scopes; equal scopes become one, so that what is below them is shared. */
export function createImporter(plans: readonly SearchPlan[]): (unit: PortableUnit) => Unit {
  const planOf = new Map(plans.map((plan) => [plan.label, plan]));
  const scopes = new Map<string, Scope>();
  const raw = (path: RawPath | Uint8Array): RawPath => (typeof path === 'string' ? path : Buffer.from(path));
  return ({ path, scope, files }) => {
    const key = JSON.stringify(scope.map(([label, left]) => [label, String(left)]));
    const shared = scopes.get(key) ?? new Scope(scope.map(([label, left]) => ({ plan: planOf.get(label)!, left })));
    scopes.set(key, shared);
    const unit = { path: raw(path), scope: shared };
    return files === undefined ? unit : { ...unit, files: files.map(([name, kind]) => [raw(name), kind] as const) };
  };
}
