/** What is known of a file, and what makes two states of it differ. */
import type { Stats } from 'node:fs';
import { type EntryKind, kindOf } from '../file/listing.ts';
import { modeString } from '../file/mode-string.ts';
import type { RawPath } from '../file/raw-path.ts';
import type { KnownFile } from './fswatch.ts';

/** One object for each watched file: it holds little, and flat. */
export class Signature {
  readonly kind: EntryKind;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly dev: number;
  /** SHA-256 of a file, a byte a character; the target of a link. Undefined where it is not known (yet). */
  readonly content: string | undefined;
  /** The name in the directory where it is not UTF-8. */
  readonly rawName: Buffer | undefined;

  constructor(known: Omit<Signature, 'isStill'>) {
    this.kind = known.kind;
    this.size = known.size;
    this.mode = known.mode;
    this.uid = known.uid;
    this.gid = known.gid;
    this.mtimeMs = known.mtimeMs;
    this.ctimeMs = known.ctimeMs;
    this.ino = known.ino;
    this.dev = known.dev;
    this.content = known.content;
    this.rawName = known.rawName;
  }

  /**
   * Whether nothing was done to the file since: any change of content or metadata moves ctime (inode(7)). The number of
   * its device may be another one after the machine was started again.
   */
  isStill(stats: Stats, dev = stats.dev): boolean {
    return (
      this.ctimeMs === stats.ctimeMs &&
      this.ino === stats.ino &&
      this.dev === dev &&
      this.mode === stats.mode &&
      this.uid === stats.uid &&
      this.gid === stats.gid &&
      (this.kind === 'directory' || (this.size === stats.size && this.mtimeMs === stats.mtimeMs))
    );
  }
}

/** What is known of a file by its `stats` and `content`; `name` in its directory. */
export function signatureOf(stats: Stats, name: RawPath, content: string | undefined): Signature {
  const kind = kindOf(stats);
  // The size and times of a directory change with what is in it, and that has signatures of its own.
  const isDirectory = kind === 'directory';
  const { mode, uid, gid, ctimeMs, ino, dev } = stats;
  const [size, mtimeMs] = isDirectory ? [0, 0] : [stats.size, stats.mtimeMs];
  const rawName = typeof name === 'string' ? undefined : name;
  return new Signature({ kind, size, mode, uid, gid, mtimeMs, ctimeMs, ino, dev, content, rawName });
}

/** A difference between what was known of a path and what is there. */
export interface Difference {
  readonly path: string;
  /** Undefined for a file that was created. */
  readonly old: Signature | undefined;
  /** Undefined for a file that was removed. */
  readonly now: Signature | undefined;
  readonly what: readonly string[];
  /** Whether it came to be while nobody watched: before this start, and after the end of an instance before. */
  readonly whileAway: boolean;
}

/** What differs between two states, by the names of alert fields. A hash that is not known differs from none. */
export function differences(old: Signature, now: Signature): string[] {
  const what: string[] = [];
  if (old.kind !== now.kind) what.push('type');
  if (old.size !== now.size) what.push('size');
  if (old.mode !== now.mode) what.push('mode');
  if (old.uid !== now.uid || old.gid !== now.gid) what.push('owner');
  if (old.mtimeMs !== now.mtimeMs) what.push('mtime');
  const areKnown = old.kind === now.kind && old.content !== undefined && now.content !== undefined;
  if (areKnown && old.content !== now.content) what.push(now.kind === 'link' ? 'target' : 'sha256');
  return what;
}

/** A signature as people and programs read it. */
export function describeSignature(signature: Signature): Omit<KnownFile, 'path'> {
  const { kind, size, mode, uid, gid, mtimeMs, content } = signature;
  return {
    type: kind,
    ...(kind === 'directory' ? {} : { size }),
    mode: modeString(mode),
    owner: `${uid}:${gid}`,
    ...(kind === 'directory' ? {} : { mtime: new Date(mtimeMs).toISOString() }),
    ...(kind === 'file' && content !== undefined ? { sha256: Buffer.from(content, 'latin1').toString('hex') } : {}),
    ...(kind === 'link' && content !== undefined ? { target: content } : {}),
  };
}

/**
 * Whether the file may change without a trace in its times: it was changed so shortly before `nowMs` that the next change
 * can have the same time. Gives the milliseconds after which that is over. File systems count in ticks of 10 ms at most;
 * those that count in seconds show it by the time.
 */
export function unsettledMs({ kind, ctimeMs }: Signature, nowMs: number): number {
  if (kind !== 'file') return 0;
  const tickMs = ctimeMs % 1000 === 0 ? 2_000 : 20;
  return Math.max(0, Math.min(ctimeMs + tickMs - nowMs, tickMs));
}
