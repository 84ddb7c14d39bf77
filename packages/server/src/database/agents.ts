/** The table of agents: what they say of themselves, what the platform says of them, and who is there. */
import type { Agent, AgentIntroduction, AgentStatus, HeartbeatMessage, Tags, Uuid } from '@mig/action';
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
    })
    .execute();
}

/** Notes a hello: the agent is there, under a new session. False when the agent is unknown, or was destroyed. */
export async function agentSaidHello(
  db: Db,
  id: Uuid,
  session: Uuid,
  introduction: AgentIntroduction,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('agents')
    .set({ ...columnsOf(introduction), status: 'online', session, heartbeattime: sql`now()`, refreshtime: sql`now()` })
    .where('id', '=', id)
    .where('status', '!=', 'destroyed')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await notify(db, 'mig_agents', id);
  return true;
}

/** Notes heartbeats, in one statement for all that carry no news of the agent itself. */
export async function agentsAreAlive(db: Db, heartbeats: ReadonlyMap<Uuid, HeartbeatMessage>): Promise<void> {
  const ids = [...heartbeats].filter(([, { agent }]) => agent === undefined).map(([id]) => id);
  if (ids.length > 0) {
    const { rows } = await sql<{ id: Uuid; before: AgentStatus }>`
      UPDATE agents SET heartbeattime = now(), status = 'online' FROM agents AS old
      WHERE agents.id = ANY(${asArray(ids)}::uuid[]) AND agents.status <> 'destroyed' AND old.id = agents.id
      RETURNING agents.id, old.status AS before`.execute(db);
    await notifyOf(
      db,
      rows.filter(({ before }) => before !== 'online').map(({ id }) => id),
    );
  }
  for (const [id, { session, agent }] of heartbeats) {
    if (agent !== undefined) await agentSaidHello(db, id, session, agent);
  }
}

/** Notes that the connection of `session` has ended. A later session is not touched: the end can be told late. */
export async function agentWentAway(db: Db, id: Uuid, session: Uuid): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('agents')
    .set({ status: 'idle', session: null })
    .where('id', '=', id)
    .where('session', '=', session)
    .where('status', '!=', 'destroyed')
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await notify(db, 'mig_agents', id);
}

/**
 * Notes agents that the relay says are there, with their sessions. Gives those whose session is news: their hello was
 * said to nobody.
 */
export async function agentsAreThere(db: Db, sessions: ReadonlyMap<Uuid, Uuid>): Promise<readonly Uuid[]> {
  const seen = [...sessions].map(([id, session]) => ({ id, session }));
  const { rows } = await sql<{
    id: Uuid;
  }>`UPDATE agents SET status = 'online', session = seen.session, heartbeattime = now()
    FROM jsonb_to_recordset(${JSON.stringify(seen)}::jsonb) AS seen (id uuid, session uuid)
    WHERE agents.id = seen.id AND agents.status <> 'destroyed' AND agents.session IS DISTINCT FROM seen.session
    RETURNING agents.id`.execute(db);
  const ids = rows.map(({ id }) => id);
  await notifyOf(db, ids);
  return ids;
}

/** Forgets who is connected, as long as nobody listened: whoever is there is heard of again. */
export async function everybodyWentAway(db: Db): Promise<void> {
  await db.updateTable('agents').set({ status: 'idle', session: null }).where('status', '=', 'online').execute();
}

/** Agents that were not heard of for `idleMinutes` are idle, for `offlineMinutes` offline. */
export async function ageAgents(db: Db, idleMinutes: number, offlineMinutes: number): Promise<void> {
  const since = (minutes: number) => sql<string>`now() - make_interval(mins => ${minutes})`;
  const age = async (from: AgentStatus, to: AgentStatus, minutes: number) => {
    const aged = await db
      .updateTable('agents')
      .set({ status: to })
      .where('status', '=', from)
      .where('heartbeattime', '<', since(minutes))
      .returning('id')
      .execute();
    await notifyOf(
      db,
      aged.map(({ id }) => id),
    );
  };
  await age('online', 'idle', idleMinutes);
  await age('idle', 'offline', offlineMinutes);
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

/** The ids of agents whose certificates are refused. */
export async function destroyedAgents(db: Db): Promise<readonly Uuid[]> {
  const rows = await db.selectFrom('agents').select('id').where('status', '=', 'destroyed').execute();
  return rows.map(({ id }) => id);
}

/** A row as the API shows it. */
export function toAgent({ session: _, enroltime: __, ...agent }: AgentRow): Agent {
  return agent;
}

/** A list as a parameter that both databases take for an array. */
export function asArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

/** Wakes who follows agents, for each of `ids`. */
async function notifyOf(db: Db, ids: readonly Uuid[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`SELECT pg_notify('mig_agents', id) FROM unnest(${asArray(ids)}::text[]) AS id`.execute(db);
}

function columnsOf({ environment, ...introduction }: AgentIntroduction) {
  return { ...introduction, environment: JSON.stringify(environment) };
}
