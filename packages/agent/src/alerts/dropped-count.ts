/** How many alerts of a module were dropped and not told yet: exact also when the process is killed. */
import { closeSync, constants, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type AlertMessage, createUuid, Timestamp, Uuid } from '@mig/action';
import { z } from 'zod';

/** What the file holds: the id that the alert will have, so that it counts once however often it is sent. */
const Untold = z.object({ id: Uuid, count: z.int().positive(), since: Timestamp });
type Untold = z.output<typeof Untold>;

/** The file is written in place: every text of it has this length. */
const fileBytes = 256;

export class DroppedCount {
  readonly #path: string;
  #file: number | undefined;
  #untold: Untold | undefined;
  /** All that were dropped since the process started. */
  total = 0;

  constructor(directory: string, module: string) {
    this.#path = join(directory, `${module}.dropped`);
    this.#untold = read(this.#path);
  }

  add(count: number): void {
    this.total += count;
    const { id = createUuid(), count: before = 0, since = new Date().toISOString() } = this.#untold ?? {};
    this.#untold = { id, count: before + count, since };
    this.#file ??= openSync(this.#path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    writeSync(this.#file, JSON.stringify(this.#untold).padEnd(fileBytes), 0);
  }

  /** The alert that tells of them; undefined when there is nothing to tell. */
  asAlert(module: string): AlertMessage | undefined {
    if (this.#untold === undefined) return undefined;
    const { id, count, since } = this.#untold;
    const message = `${count} ${count === 1 ? 'alert was' : 'alerts were'} dropped here: more were raised than could be kept`;
    return { id, module, time: new Date().toISOString(), message, fields: { dropped: count, since } };
  }

  /** The alert is on disk. */
  told(): void {
    this.#untold = undefined;
    this.close();
    rmSync(this.#path, { force: true });
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

function read(path: string): Untold | undefined {
  try {
    return Untold.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
