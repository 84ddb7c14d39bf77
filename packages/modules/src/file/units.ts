/** Pieces of a walk's work, as one thread gives them to another. */
import type { EntryKind, PlainEntry } from './listing.ts';
import type { RawPath } from './raw-path.ts';
import { Scope } from './scope.ts';
import type { SearchPlan } from './search-plan.ts';

/** A directory, or some of its files. */
export interface Unit {
  readonly path: RawPath;
  readonly scope: Scope;
  /** The files of the directory that are left to judge; undefined when it was not listed yet. */
  readonly files: readonly PlainEntry[] | undefined;
}

/** A unit as it travels: scopes by the numbers of their searches. */
export interface PortableUnit {
  readonly path: RawPath;
  readonly scope: readonly (readonly [number, number])[];
  readonly files: readonly PlainEntry[] | undefined;
}

/** Takes half of `units` away, those that lie nearest to the roots and so hold the most, ready to travel. */
export function takeHalf(units: Unit[]): readonly PortableUnit[] {
  return units.splice(0, Math.ceil(units.length / 2)).map(toPortable);
}

function toPortable({ path, scope, files }: Unit): PortableUnit {
  return { path, scope: scope.entries.map(({ plan, left }) => [plan.number, left] as const), files };
}

/** Gives units back their scopes; equal scopes become one, so that what is below them is shared. */
export function createImporter(plans: readonly SearchPlan[]): (unit: PortableUnit) => Unit {
  const scopes = new Map<string, Scope>();
  return ({ path, scope, files }) => {
    const key = scope.join();
    const shared = scopes.get(key) ?? new Scope(scope.map(([number, left]) => ({ plan: plans[number]!, left })));
    scopes.set(key, shared);
    return { path: toRaw(path), scope: shared, files: files?.map(toPlain) };
  };
}

/** A kind that travelled is a text of its own, and would be compared letter by letter. */
const kinds: Readonly<Record<EntryKind, EntryKind>> = {
  file: 'file',
  link: 'link',
  directory: 'directory',
  special: 'special',
};

function toPlain({ name, kind, links }: PlainEntry): PlainEntry {
  return { name: toRaw(name), kind: kinds[kind], links: links?.map(toRaw) };
}

/** Buffers travel as plain byte arrays. */
function toRaw(path: RawPath | Uint8Array): RawPath {
  return typeof path === 'string' ? path : Buffer.from(path);
}
