/**
 * Results that the platform has not acknowledged, on disk: one file for each command, there whole or not at all. They
 * are sent again until they are acknowledged, across restarts of the agent and of the machine.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMessage, encodeMessage, type ResultMessage, Uuid } from '@mig/action';
import { writeDurably } from '../state/durable-file.ts';
import { boundResult, withoutResults } from './bound-result.ts';

/** Most results that wait: as many as a hello can name. */
const mostEntries = 10_000;

export class Spool {
  readonly #directory: string;
  readonly #limitBytes: number;
  readonly #sizes = new Map<string, number>();
  /** Results that could not be written: they are sent from memory, and lost with the process. */
  readonly #unwritten = new Map<string, ResultMessage>();
  #usedBytes = 0;
  #dropped = 0;

  /** Opens the spool in `directory`, which must be there. What a crash left half written is removed. */
  constructor(directory: string, limitBytes: number) {
    this.#directory = directory;
    this.#limitBytes = limitBytes;
    for (const name of readdirSync(directory).sort()) {
      const id = name.replace(/\.json$/, '');
      if (name.endsWith('.new')) rmSync(join(directory, name));
      else if (Uuid.safeParse(id).success) this.#note(id, statSync(join(directory, name)).size);
    }
  }

  /** Commands whose results wait, the oldest first. */
  get ids(): readonly string[] {
    return [...this.#sizes.keys()];
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** How many results, since the start, were given up because there was no room for them. */
  get dropped(): number {
    return this.#dropped;
  }

  has(commandId: string): boolean {
    return this.#sizes.has(commandId);
  }

  /** Whether another command may be run: while a tenth of the space is left, and room for the names of all. */
  hasRoom(active: number): boolean {
    return this.#usedBytes < this.#limitBytes * 0.9 && this.#sizes.size + active < mostEntries;
  }

  /**
   * Keeps `message`, and gives what was kept: where it is too large for the wire or for the space that is left, the
   * results that are too much have become failures that say so. It is safe on disk afterwards unless `onProblem` was
   * called, and can be read until it is removed in any case.
   */
  add(message: ResultMessage, onProblem: (error: Error) => void): ResultMessage {
    const bounded = boundResult(message);
    const room = this.#limitBytes - this.#usedBytes;
    const fits = encodeMessage('result', bounded).length <= room;
    if (!fits) this.#dropped++;
    const fitting = fits ? bounded : withoutResults(bounded, room);
    const bytes = encodeMessage('result', fitting);
    try {
      writeDurably(this.#pathOf(fitting.commandid), bytes);
    } catch (error) {
      this.#unwritten.set(fitting.commandid, fitting);
      onProblem(error as Error);
    }
    this.#note(fitting.commandid, bytes.length);
    return fitting;
  }

  /** Tries again to write what could not be written. */
  rewrite(): void {
    for (const [id, message] of this.#unwritten) {
      try {
        writeDurably(this.#pathOf(id), encodeMessage('result', message));
        this.#unwritten.delete(id);
      } catch {
        return; // The next time, perhaps.
      }
    }
  }

  /** Reads a result that waits. Throws when its file is damaged or gone. */
  read(commandId: string): ResultMessage {
    return this.#unwritten.get(commandId) ?? decodeMessage('result', readFileSync(this.#pathOf(commandId)));
  }

  /** Forgets a result: it is acknowledged. */
  remove(commandId: string): void {
    this.#usedBytes -= this.#sizes.get(commandId) ?? 0;
    this.#sizes.delete(commandId);
    this.#unwritten.delete(commandId);
    rmSync(this.#pathOf(commandId), { force: true });
  }

  #note(commandId: string, bytes: number): void {
    this.#usedBytes += bytes - (this.#sizes.get(commandId) ?? 0);
    this.#sizes.set(commandId, bytes);
  }

  #pathOf(commandId: string): string {
    return join(this.#directory, `${commandId}.json`);
  }
}
