/**
 * Evaluates a condition for agents: read only, within a time limit, and slice after slice.
 *
 * The embedded database runs within this process, and heeds no statement_timeout: whatever takes long there stops all
 * else. So no statement may be long: a slice has as many agents as take a moment, and between two slices everybody else
 * has a turn.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { AgentStatus, Uuid } from '@mig/action';
import { type RawBuilder, sql } from 'kysely';
import type { AgentRow } from '../database/agents.ts';
import type { NameCursor } from '../database/name-cursor.ts';
import type { Db } from '../database/open-database.ts';
import { TargetError } from './target-error.ts';

/** How long a target may take by default, in milliseconds. */
export const longestMs = 10_000;

const firstSlice = 32;
const [smallestSlice, largestSlice] = [4, 2_000];
/** A slice that took less is followed by a larger one, one that took more by a smaller one, in milliseconds. */
const [fewMs, manyMs] = [20, 80];

/** An agent for which the condition is true. */
export interface Evaluated {
  readonly id: Uuid;
  readonly name: string;
  readonly status: AgentStatus;
}

interface EvaluationOptions {
  /** The `count` agents behind `last`, in an order that their names and ids give. */
  readonly slice: (last: NameCursor | undefined, count: number) => RawBuilder<AgentRow>;
  readonly withinMs: number;
  readonly after?: NameCursor | undefined;
}

/** Yields the agents for which `condition` is true. Throws TargetError for what the database has against it. */
export async function* evaluate(
  db: Db,
  condition: RawBuilder<boolean>,
  { slice, withinMs, after }: EvaluationOptions,
): AsyncGenerator<Evaluated> {
  const end = performance.now() + withinMs;
  let last = after;
  for (let count = firstSlice, isMore = true; isMore; ) {
    const leftMs = Math.ceil(end - performance.now());
    if (leftMs <= 0) throw tooLong(withinMs);
    const { rows, tookMs } = await readSlice(db, condition, slice(last, count), leftMs).catch((error: unknown) => {
      throw asTargetError(error, withinMs);
    });
    for (const row of rows) if (row.iswanted) yield row;
    isMore = rows.length === count;
    last = rows.at(-1);
    if (tookMs < fewMs) count = Math.min(count * 4, largestSlice);
    if (tookMs > manyMs) count = Math.max(Math.ceil(count / 4), smallestSlice);
    if (isMore) await breathe();
  }
}

/** One slice, and how long the database was at it. */
function readSlice(db: Db, condition: RawBuilder<boolean>, agents: RawBuilder<AgentRow>, leftMs: number) {
  return db.transaction().execute(async (transaction) => {
    await sql`SELECT set_config('statement_timeout', ${String(leftMs)}, true), set_config('transaction_read_only', 'on', true)`.execute(
      transaction,
    );
    const begin = performance.now();
    const { rows } = await sql<Evaluated & { iswanted: boolean }>`WITH slice AS MATERIALIZED (${agents})
      SELECT id, name, status, (${condition}) IS TRUE AS iswanted FROM slice AS agents`.execute(transaction);
    return { rows, tookMs: performance.now() - begin };
  });
}

/** What the database itself has against a condition, such as types that do not fit, is about the target. */
function asTargetError(error: unknown, withinMs: number): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === '57014') return tooLong(withinMs);
  // Class 22 is data exception, 42 is syntax error or access rule violation.
  if (typeof code === 'string' && /^(22|42)/.test(code))
    return new TargetError(`the target is no condition: ${message}`);
  return error;
}

function tooLong(withinMs: number): TargetError {
  return new TargetError(`the target took longer than ${withinMs / 1000} s`);
}
