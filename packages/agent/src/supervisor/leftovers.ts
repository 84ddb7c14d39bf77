/**
 * Ends instances that outlived their agent: those that hung when it was killed, and whose guard was killed with it. Each
 * running one is noted in a file with its process; the next agent ends what it finds.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOf } from '@mig/daemon';
import { z } from 'zod';
import { writeDurably } from '../state/durable-file.ts';

const Note = z.object({ pid: z.int().positive(), start: z.string() });

/** How long an instance may take to leave, and how often it is looked at. */
const leaveMs = 2_000;
const lookMs = 50;

/** Notes that `pid` is the instance of `module`, where that can be written; gives the way to forget it. */
export function noteInstance(directory: string, module: string, pid: number): () => void {
  const start = startOf(pid);
  if (start === undefined) return () => {};
  const path = join(directory, `${module}.pid`);
  const note = JSON.stringify({ pid, start });
  try {
    writeDurably(path, note);
  } catch {
    return () => {};
  }
  return () => {
    if (readNote(path) === note) rmSync(path, { force: true });
  };
}

/**
 * Resolves once the instances that are noted in `directory` have ended, or after 2 s: they may just have noticed the end
 * of their agent, and write down what it did not take.
 */
export async function leftoversGone(directory: string): Promise<void> {
  const notes = readdirSync(directory).filter((name) => name.endsWith('.pid'));
  const isLeft = () => notes.some((name) => readLeft(join(directory, name)) !== undefined);
  for (let waited = 0; waited < leaveMs && isLeft(); waited += lookMs) await sleep(lookMs);
}

/**
 * Kills the instances that are noted in `directory` and still run, each with all that it started, and gives their
 * processes. One whose leader has ended is left alone: its number tells nobody any more whose group it is. One that may
 * not be killed keeps its note, for the next start.
 */
export function endLeftovers(directory: string): readonly number[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.pid'))
    .flatMap((name) => {
      const path = join(directory, name);
      const pid = readLeft(path);
      const outcome = pid === undefined ? 'gone' : killLeftGroup(pid);
      if (outcome !== 'refused') rmSync(path, { force: true });
      return pid !== undefined && outcome === 'killed' ? [pid] : [];
    });
}

/** The process of a note, if it still runs. */
function readLeft(path: string): number | undefined {
  const note = Note.safeParse(parse(readNote(path)));
  return note.success && startOf(note.data.pid) === note.data.start ? note.data.pid : undefined;
}

/** It leads a group, as every module process does. It may end, or have ended, in this very moment. */
function killLeftGroup(pid: number): 'killed' | 'gone' | 'refused' {
  try {
    process.kill(-pid, 'SIGKILL');
    return 'killed';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : 'refused';
  }
}

function readNote(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
