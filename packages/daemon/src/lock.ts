/**
 * One program of a kind for each directory. The lock is a file that names its holder; a holder that is gone (killed, or from
 * before a restart of the machine) holds nothing.
 *
 * Files `lock.1`, `lock.2`, … each belong to one holder for good; the highest one counts. To take over from a dead
 * holder is to make the next file, and link(2) lets one contender do that. Nobody ever removes the file of a holder
 * that lives, so that two of them cannot both believe that they are first.
 */
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startOf } from './process-start.ts';

const Holder = z.object({ pid: z.int(), start: z.string() });
/** A process: its number, and what tells it from another that gets the number later. */
type Holder = z.output<typeof Holder>;

/** Another process holds the lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/**
 * Takes the lock in `directory` for this process, until it ends. `what` names the program, as in 'an agent'. Throws
 * LockedError, which says who holds it.
 */
export function takeLock(directory: string, what: string): void {
  for (;;) {
    const highest = highestIn(directory);
    const holder = highest === 0 ? undefined : readHolder(fileOf(directory, highest));
    if (holder !== undefined && isAlive(holder)) {
      throw new LockedError(
        `${what} runs here already, as process ${holder.pid} (its lock is in ${directory}): stop it first`,
      );
    }
    if (tryTake(directory, highest + 1)) return;
  }
}

/** Makes file `number`. False when another contender was first, or has gone further meanwhile. */
function tryTake(directory: string, number: number): boolean {
  const mine = fileOf(directory, number);
  const beside = join(directory, `lock-of-${process.pid}`);
  const holder: Holder = { pid: process.pid, start: startOf(process.pid) ?? 'unknown' };
  writeFileSync(beside, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(beside, mine);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
  if (highestIn(directory) > number) {
    rmSync(mine, { force: true });
    return false;
  }
  for (const older of numbersIn(directory)) if (older < number) rmSync(fileOf(directory, older), { force: true });
  return true;
}

function fileOf(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}

function numbersIn(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => {
    const number = /^lock\.(\d{1,15})$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function highestIn(directory: string): number {
  return Math.max(0, ...numbersIn(directory));
}

/** Undefined for a file that is gone, or that a power cut left empty. */
function readHolder(file: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, start }: Holder): boolean {
  if (startOf(pid) !== undefined) return startOf(pid) === start;
  if (process.platform === 'linux') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
