/**
 * The upkeep of the embedded database. PostgreSQL has processes for it (autovacuum, the checkpointer); the embedded one
 * has a single process, so that nobody would take away what is dead, count what is there, or end its journal, which a
 * start after a crash has to go through.
 */
import { sql } from 'kysely';
import type { Database, Db } from './open-database.ts';

/** Between looks at what is to be done. */
const standardPauseMs = 5_000;
/** So long nobody asked the database: a moment in which nobody waits for it. */
const quietMs = 150;
/** What is overdue by this factor does not wait for a quiet moment. */
const overdue = 4;

/** When something is to be done, as autovacuum has it: so many rows, and so large a part of the table. */
const dead = { rows: 1_000, part: 0.2 };
const changed = { rows: 500, part: 0.1 };
/** Journal since the last checkpoint, in bytes: what a start after a crash may have to go through. */
const longestJournal = 32 * 1024 * 1024;

export interface Upkeep {
  close(): Promise<void>;
}

/** What is to be done, and by which factor more than is wanted there is of it: from 1 on it is due. */
export interface Chore {
  readonly statement: string;
  readonly urgency: number;
}

/** Begins to look after `database`; a server looks after itself. `log` hears what took longer than a second. */
export function startUpkeep(
  { db, quietForMs }: Database,
  { log, pauseMs = standardPauseMs }: { readonly log: (message: string) => void; readonly pauseMs?: number },
): Upkeep {
  if (quietForMs === undefined) return { async close() {} };
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> = Promise.resolve();
  const look = async () => {
    try {
      const chore = await nextChore(db, quietForMs() < quietMs ? overdue : 1);
      if (chore === undefined) return;
      const begin = performance.now();
      await sql.raw(chore.statement).execute(db);
      const seconds = (performance.now() - begin) / 1000;
      if (seconds > 1) log(`database: ${chore.statement} took ${seconds.toFixed(1)} s`);
    } catch (error) {
      log(`database: upkeep: ${(error as Error).message}`);
    }
  };
  const schedule = () => {
    if (isClosed) return;
    timer = setTimeout(() => {
      work = look().then(schedule);
    }, pauseMs);
  };
  schedule();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await work;
    },
  };
}

/** The most urgent chore whose urgency is at least `least`; undefined without one. One table at a time, so that none takes long. */
export async function nextChore(db: Db, least = 1): Promise<Chore | undefined> {
  // Counts are published once a second at most, if they are not asked for.
  await sql`SELECT pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<Chore>`
    SELECT format('VACUUM (ANALYZE) %I', relname) AS statement,
      n_dead_tup / (${dead.rows}::numeric + ${dead.part}::numeric * n_live_tup) AS urgency
    FROM pg_stat_user_tables WHERE schemaname = 'public'
    UNION ALL SELECT format('ANALYZE %I', relname),
      n_mod_since_analyze / (${changed.rows}::numeric + ${changed.part}::numeric * n_live_tup)
    FROM pg_stat_user_tables WHERE schemaname = 'public'
    UNION ALL SELECT 'CHECKPOINT', (pg_current_wal_insert_lsn() - redo_lsn) / ${longestJournal}::numeric
    FROM pg_control_checkpoint()
    ORDER BY urgency DESC LIMIT 1`.execute(db);
  const [chore] = rows;
  return chore !== undefined && Number(chore.urgency) >= least
    ? { ...chore, urgency: Number(chore.urgency) }
    : undefined;
}
