/** Which agents a target selects: read only, and within a time limit. */
import type { AgentStatus, Uuid } from '@mig/action';
import type { TargetCount } from '@mig/api';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { AgentRow } from '../database/agents.ts';
import type { NameCursor } from '../database/name-cursor.ts';
import type { Db } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import { TargetError } from './target-error.ts';

const longestMs = 10_000;
const sampleLength = 5;

/** Counts the agents that `condition` selects, by status. */
export function countAgents(db: Db, condition: RawBuilder<boolean>): Promise<Omit<TargetCount, 'condition'>> {
  return readOnly(db, async (transaction) => {
    const { rows } = await sql<{ status: AgentStatus; count: number }>`SELECT status, count(*) AS count FROM agents
      WHERE status <> 'destroyed' AND (${condition}) GROUP BY status`.execute(transaction);
    const sample = await sql<{ name: string }>`SELECT name FROM agents
      WHERE status <> 'destroyed' AND (${condition}) ORDER BY name LIMIT ${sampleLength}`.execute(transaction);
    const of = (status: AgentStatus) => rows.find((row) => row.status === status)?.count ?? 0;
    const [online, idle, offline] = [of('online'), of('idle'), of('offline')];
    return { count: online + idle + offline, online, idle, offline, sample: sample.rows.map(({ name }) => name) };
  });
}

export interface AgentFilter {
  readonly condition?: RawBuilder<boolean> | undefined;
  readonly status?: AgentStatus | undefined;
  /** A part of the name. */
  readonly name?: string | undefined;
}

/** Agents by name, from behind `after`. */
export function listAgents(
  db: Db,
  { condition = sql`true`, status, name }: AgentFilter,
  { after, limit }: { readonly after?: NameCursor | undefined; readonly limit: number },
): Promise<readonly AgentRow[]> {
  return readOnly(db, (transaction) => {
    let query = transaction.selectFrom('agents').selectAll().where(sql<boolean>`(${condition})`);
    query = status === undefined ? query.where('status', '!=', 'destroyed') : query.where('status', '=', status);
    if (name !== undefined) query = query.where(sql<boolean>`position(lower(${name}) in lower(name)) > 0`);
    if (after !== undefined) query = query.where(sql<boolean>`(name, id) > (${after.name}, ${after.id}::uuid)`);
    return query.orderBy('name').orderBy('id').limit(limit).execute();
  });
}

/** Does `work`, which may only read, and not for long. Throws TargetError for what the database has against a target. */
export async function readOnly<T>(db: Db, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await sql`SET TRANSACTION READ ONLY`.execute(transaction);
      await limitTime(transaction);
      return work(transaction);
    });
  } catch (error) {
    throw asTargetError(error);
  }
}

/** Ends statements of this transaction that take too long. */
async function limitTime(transaction: Transaction<Schema>): Promise<void> {
  await sql.raw(`SET LOCAL statement_timeout = ${longestMs}`).execute(transaction);
}

/** The ids of the agents that `condition` selects. */
export function selectAgents(db: Db, condition: RawBuilder<boolean>): Promise<readonly Uuid[]> {
  return readOnly(db, async (transaction) => {
    const query = sql<{ id: Uuid }>`SELECT id FROM agents WHERE status <> 'destroyed' AND (${condition})`;
    return (await query.execute(transaction)).rows.map(({ id }) => id);
  });
}

/** What the database itself has against a condition, such as types that do not fit, is about the target. */
function asTargetError(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === '57014') return new TargetError(`the target took longer than ${longestMs / 1000} s`);
  // Class 22 is data exception, 42 is syntax error or access rule violation.
  if (typeof code === 'string' && /^(22|42)/.test(code))
    return new TargetError(`the target is no condition: ${message}`);
  return error;
}
