/** Which agents a target selects. */
import type { AgentStatus, Uuid } from '@mig/action';
import type { TargetCount } from '@mig/api';
import { type RawBuilder, sql } from 'kysely';
import { type AgentRow, asArray } from '../database/agents.ts';
import type { NameCursor } from '../database/name-cursor.ts';
import type { Db } from '../database/open-database.ts';
import { type Evaluated, evaluate, longestMs } from './evaluate.ts';

const sampleLength = 5;

/** Counts the agents that `condition` selects, by status. */
export async function countSelected(
  db: Db,
  condition: RawBuilder<boolean>,
  withinMs = longestMs,
): Promise<Omit<TargetCount, 'condition'>> {
  const counts = { online: 0, idle: 0, offline: 0 };
  const sample: string[] = [];
  for await (const { name, status } of evaluate(db, condition, { slice: fleetById, withinMs })) {
    if (status !== 'destroyed') counts[status]++;
    if (sample.length < sampleLength) sample.push(name);
  }
  return { count: counts.online + counts.idle + counts.offline, ...counts, sample: sample.sort() };
}

/** The ids of the agents that `condition` selects. */
export async function selectAgents(db: Db, condition: RawBuilder<boolean>): Promise<readonly Uuid[]> {
  return idsOf(evaluate(db, condition, { slice: fleetById, withinMs: longestMs }));
}

/** As `selectAgents`, with those that were destroyed, of the agents for which `among` is true: of the others none is looked at. */
export async function selectAllAgents(
  db: Db,
  condition: RawBuilder<boolean>,
  among: RawBuilder<boolean>,
): Promise<readonly Uuid[]> {
  return idsOf(evaluate(db, condition, { slice: byId(among), withinMs: longestMs }));
}

export interface AgentFilter {
  readonly condition?: RawBuilder<boolean> | undefined;
  readonly status?: AgentStatus | undefined;
  /** A part of the name. */
  readonly name?: string | undefined;
}

/** Agents by name, from behind `after`. */
export async function listAgents(
  db: Db,
  { condition, status, name }: AgentFilter,
  { after, limit }: { readonly after?: NameCursor | undefined; readonly limit: number },
): Promise<readonly AgentRow[]> {
  const isListed = sql<boolean>`${status === undefined ? sql`status <> 'destroyed'` : sql`status = ${status}`}
    AND ${name === undefined ? sql`true` : sql`position(lower(${name}) in lower(name)) > 0`}`;
  const slice = (last: NameCursor | undefined, count: number) =>
    sql<AgentRow>`SELECT * FROM agents WHERE ${isListed}
      AND ${last === undefined ? sql`true` : sql`(name, id) > (${last.name}, ${last.id}::uuid)`}
      ORDER BY name, id LIMIT ${count}`;
  if (condition === undefined) return (await slice(after, limit).execute(db)).rows;
  const ids: Uuid[] = [];
  for await (const { id } of evaluate(db, condition, { slice, withinMs: longestMs, after })) {
    if (ids.push(id) === limit) break;
  }
  const rows =
    await sql<AgentRow>`SELECT * FROM agents WHERE id = ANY(${asArray(ids)}::uuid[]) ORDER BY name, id`.execute(db);
  return rows.rows;
}

/** Ids do not change, as names do: nobody is missed who changes while the condition is evaluated. */
function byId(isWanted: RawBuilder<unknown>) {
  return (last: NameCursor | undefined, count: number) =>
    sql<AgentRow>`SELECT * FROM agents WHERE ${isWanted} AND ${last === undefined ? sql`true` : sql`id > ${last.id}::uuid`}
      ORDER BY id LIMIT ${count}`;
}

const fleetById = byId(sql`status <> 'destroyed'`);

async function idsOf(agents: AsyncIterable<Evaluated>): Promise<readonly Uuid[]> {
  const ids: Uuid[] = [];
  for await (const { id } of agents) ids.push(id);
  return ids;
}
