/** What an agent does at its start about what it left: finds its answers again, and answers what a crash cut short. */

import type { Logger } from '@mig/daemon';
import { answer } from '../commands/answers.ts';
import type { Journal } from '../journal/journal.ts';
import type { Spool } from '../spool/spool.ts';

/**
 * Every action that was started has an answer afterwards: its own, where that is in the spool, else that the run was
 * interrupted. Nothing is run again.
 */
export function recover(journal: Journal, spool: Spool, log: Logger): void {
  for (const id of spool.ids) {
    try {
      spool.read(id);
    } catch (error) {
      log.error({ commandid: id, error: (error as Error).message }, 'damaged result removed from the spool');
      spool.remove(id);
    }
  }
  for (const entry of journal.unfinished()) {
    const { commandid, actionid } = entry;
    if (!spool.has(commandid)) {
      log.warn({ commandid, actionid, started: entry.time }, 'run was interrupted, and is not repeated');
      spool.add(answer.interrupted(entry), (error) =>
        log.error({ error: error.message }, 'result cannot be kept on disk'),
      );
    }
    journal.finish(answer.finishedEntry(spool.read(commandid)));
  }
}
