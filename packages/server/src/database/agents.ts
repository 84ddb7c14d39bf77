/** The table of agents: what they say of themselves, and what the platform says of them. presence.ts has who is there. */
import type { Agent, AgentIntroduction, AgentStatus, Tags, Uuid } from '@mig/action';
import type { AgentCounts } from '@mig/api';
import { type Selectable, sql } from 'kysely';
import { type Db, notify } from './open-database.ts';
import type { Schema } from './schema.ts';

export type AgentRow = Selectable<Schema['agents']>;

/** Adds an agent that has just enrolled; it is offline until its hello. */
export async function insertAgent(
  db: Db,
  agent: { readonly id: Uuid; readonly introduction: AgentIntroduction; readonly tags: Tags },
): Promise<void> {
  const { id, introduction, tags } = agent;
  const now = new Date().toISOString();
  await db
    .insertInto('agents')
    .values({
      id,
      ...columnsOf(introduction),
      tags: JSON.stringify(tags),
      status: 'offline',
      session: null,
      heartbeattime: now,
      refreshtime: now,
      enroltime: now,
      destructiontime: null,
      copied: null,
    })
    .execute();
}

/** Sets the tags; undefined when there is no such agent. */
export async function tagAgent(db: Db, id: Uuid, tags: Tags): Promise<Agent | undefined> {
  const row = await db
    .updateTable('agents')
    .set({ tags: JSON.stringify(tags) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && toAgent(row);
}

/** Takes an agent out of the fleet; undefined when there is no such agent. */
export async function destroyAgent(db: Db, id: Uuid): Promise<Agent | undefined> {
  const row = await db
    .updateTable('agents')
    .set({ status: 'destroyed', session: null, destructiontime: sql`coalesce(destructiontime, now())` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) await notify(db, 'mig_agents', id);
  return row && toAgent(row);
}

export async function findAgent(db: Db, id: Uuid): Promise<Agent | undefined> {
  const row = await db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toAgent(row);
}

/** The agents of these ids, those that were destroyed too. */
export async function findAgents(db: Db, ids: readonly Uuid[]): Promise<readonly Agent[]> {
  const rows = await db
    .selectFrom('agents')
    .selectAll()
    .where(sql<boolean>`id = ANY(${asArray(ids)}::uuid[])`)
    .execute();
  return rows.map(toAgent);
}

/** The status of each of these agents that there is. */
export async function statusesOf(db: Db, ids: readonly Uuid[]): Promise<ReadonlyMap<Uuid, AgentStatus>> {
  const rows = await db
    .selectFrom('agents')
    .select(['id', 'status'])
    .where(sql<boolean>`id = ANY(${asArray(ids)}::uuid[])`)
    .execute();
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** Counts agents by status, and those that were not destroyed also by what they run on and are. */
export async function countAgents(db: Db): Promise<AgentCounts> {
  const rows = await db
    .selectFrom('agents')
    .select(['status', 'version'])
    .select(sql<string>`environment->>'os'`.as('os'))
    .select(sql<string>`environment->>'arch'`.as('arch'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .groupBy(['status', 'version', sql`environment->>'os'`, sql`environment->>'arch'`])
    .execute();
  const counts = { online: 0, idle: 0, offline: 0, destroyed: 0 };
  const groups = new Map<string, Group>();
  for (const { status, os, arch, version, count } of rows) {
    counts[status] += count;
    if (status === 'destroyed') continue;
    const key = JSON.stringify([os, arch, version]);
    const group = groups.get(key) ?? { os, arch, version, online: 0, idle: 0, offline: 0 };
    groups.set(key, { ...group, [status]: group[status] + count });
  }
  return { ...counts, groups: [...groups.values()].sort((a, b) => sizeOf(b) - sizeOf(a)) };
}

type Group = AgentCounts['groups'][number];

function sizeOf({ online, idle, offline }: Group): number {
  return online + idle + offline;
}

/** The ids of agents whose certificates are refused: among `ids`, or of all. */
export async function destroyedAgents(db: Db, ids?: readonly Uuid[]): Promise<readonly Uuid[]> {
  let query = db.selectFrom('agents').select('id').where('status', '=', 'destroyed');
  if (ids !== undefined) query = query.where(sql<boolean>`id = ANY(${asArray(ids)}::uuid[])`);
  return (await query.execute()).map(({ id }) => id);
}

/** A row as the API shows it. */
export function toAgent({ session: _, enroltime: __, ...agent }: AgentRow): Agent {
  return agent;
}

/** A list as a parameter that both databases take for an array. */
export function asArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function columnsOf({ environment, ...introduction }: AgentIntroduction) {
  return { ...introduction, environment: JSON.stringify(environment) };
}
