/** The seconds before a launch, so that a person can think again. */
import { setTimeout } from 'node:timers/promises';
import type { Context } from '../commands/command.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Waits. Throws when ctrl-c was typed: nothing has been launched then. */
export async function countDown(seconds: number, terminal: Terminal, context: Pick<Context, 'interruption' | 'hints'>) {
  if (seconds === 0) return;
  const isWatched = process.stderr.isTTY === true;
  // Before it is said that ctrl-c prevents it.
  const { signal, release } = context.interruption();
  if (!isWatched)
    terminal.remark(`launching in ${seconds} s, ctrl-c prevents it, ${context.hints.hasty} does not wait`);
  try {
    for (let left = seconds; left > 0; left--) {
      terminal.progress(`launching in ${left} s, ctrl-c prevents it`);
      await setTimeout(1000, undefined, { signal });
    }
  } catch (cause) {
    throw new Error('stopped: nothing was launched', { cause });
  } finally {
    terminal.progress('');
    release();
  }
}
