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

  constructor(stats: Stats, name: RawPath, content: string | undefined) {
    this.kind = kindOf(stats);
    // The size and times of a directory change with what is in it, and that has signatures of its own.
    this.size = this.kind === 'directory' ? 0 : stats.size;
    this.mtimeMs = this.kind === 'directory' ? 0 : stats.mtimeMs;
    this.mode = stats.mode;
    this.uid = stats.uid;
    this.gid = stats.gid;
    this.ctimeMs = stats.ctimeMs;
    this.ino = stats.ino;
    this.dev = stats.dev;
    this.content = content;
    this.rawName = typeof name === 'string' ? undefined : name;
  }

  /** Whether nothing was done to the file since: any change of content or metadata moves ctime (inode(7)). */
  isStill(stats: Stats): boolean {
    return (
      this.ctimeMs === stats.ctimeMs &&
      this.ino === stats.ino &&
      this.dev === stats.dev &&
      this.mode === stats.mode &&
      this.uid === stats.uid &&
      this.gid === stats.gid &&
      (this.kind === 'directory' || (this.size === stats.size && this.mtimeMs === stats.mtimeMs))
    );
  }
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
