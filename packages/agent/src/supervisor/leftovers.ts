/**
 * Ends instances that outlived their agent: those that hung when it was killed, and whose guard was killed with it. Each
 * running one is noted in a file with its process; the next agent ends what it finds.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startOf } from '@mig/daemon';
import { z } from 'zod';
import { writeDurably } from '../state/durable-file.ts';

const Note = z.object({ pid: z.int().positive(), start: z.string() });

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

/** Kills the instances that are noted in `directory` and still run, and gives their processes. */
export function endLeftovers(directory: string): readonly number[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.pid'))
    .flatMap((name) => {
      const path = join(directory, name);
      const note = Note.safeParse(parse(readNote(path)));
      const ended = note.success && startOf(note.data.pid) === note.data.start ? [note.data.pid] : [];
      for (const pid of ended) process.kill(pid, 'SIGKILL');
      rmSync(path, { force: true });
      return ended;
    });
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
