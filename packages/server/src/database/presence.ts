/**
 * Who is there: what is noted in the table of agents of their hellos, heartbeats and ends, always for many at a time. An
 * agent that was destroyed stays so, whatever is heard of it.
 */
import type { AgentIntroduction, AgentStatus, CopiedIdentity, Uuid } from '@mig/action';
import { sql } from 'kysely';
import { type Db, notify } from './open-database.ts';

/** What an agent says of itself, on the connection of `session`. */
export interface Hello {
  readonly id: Uuid;
  readonly session: Uuid;
  readonly introduction: AgentIntroduction;
}

/** Notes that agents are there, as they introduce themselves; of several hellos of one agent the last counts. Gives whom the fleet knows. */
export async function agentsSaidHello(db: Db, hellos: readonly Hello[]): Promise<ReadonlySet<Uuid>> {
  const rows = new Map(hellos.map(({ id, session, introduction }) => [id, { ...introduction, id, session }]));
  if (rows.size === 0) return new Set();
  const known = await sql<{ id: Uuid }>`WITH said AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify([...rows.values()])}::jsonb) AS new (id uuid, session uuid,
        name text, queueloc text, mode text, version text, pid bigint, starttime timestamptz, environment jsonb)
    ), noted AS (
      UPDATE agents SET name = said.name, queueloc = said.queueloc, mode = said.mode, version = said.version,
        pid = said.pid, starttime = said.starttime, environment = said.environment,
        status = 'online', session = said.session, heartbeattime = now(), refreshtime = now()
      FROM said WHERE agents.id = said.id AND agents.status <> 'destroyed'
      RETURNING agents.id
    )
    SELECT id, pg_notify('mig_agents', id::text) FROM noted`.execute(db);
  return new Set(known.rows.map(({ id }) => id));
}

/**
 * Notes that agents are alive, on their sessions. Who is online keeps the session that is known: a heartbeat can be noted
 * after the hello of a later one.
 */
export async function agentsAreAlive(db: Db, sessions: ReadonlyMap<Uuid, Uuid>): Promise<void> {
  if (sessions.size === 0) return;
  await sql`WITH noted AS (
      UPDATE agents SET heartbeattime = now(), status = 'online',
        session = CASE WHEN old.status = 'online' THEN coalesce(old.session, alive.session) ELSE alive.session END
      FROM ${recordsOf(sessions)} AS alive (id uuid, session uuid) JOIN agents AS old ON old.id = alive.id
      WHERE agents.id = alive.id AND agents.status <> 'destroyed'
      RETURNING agents.id, old.status AS before
    )
    SELECT pg_notify('mig_agents', id::text) FROM noted WHERE before <> 'online'`.execute(db);
}

function recordsOf(sessions: ReadonlyMap<Uuid, Uuid>) {
  const records = [...sessions].map(([id, session]) => ({ id, session }));
  return sql`jsonb_to_recordset(${JSON.stringify(records)}::jsonb)`;
}

/** Notes that connections have ended. A later session of an agent is not touched: the end can be told late. */
export async function agentsWentAway(
  db: Db,
  ends: readonly { readonly id: Uuid; readonly session: Uuid }[],
): Promise<void> {
  if (ends.length === 0) return;
  await sql`WITH noted AS (
      UPDATE agents SET status = 'idle', session = NULL
      FROM jsonb_to_recordset(${JSON.stringify(ends)}::jsonb) AS ended (id uuid, session uuid)
      WHERE agents.id = ended.id AND agents.session = ended.session AND agents.status <> 'destroyed'
      RETURNING agents.id
    )
    SELECT pg_notify('mig_agents', id::text) FROM noted`.execute(db);
}

/**
 * Notes agents that the relay says are there, with their sessions. Gives those whose session is news: their hello was
 * said to nobody.
 */
export async function agentsAreThere(db: Db, sessions: ReadonlyMap<Uuid, Uuid>): Promise<readonly Uuid[]> {
  const { rows } = await sql<{ id: Uuid }>`WITH noted AS (
      UPDATE agents SET status = 'online', session = seen.session, heartbeattime = now()
      FROM ${recordsOf(sessions)} AS seen (id uuid, session uuid)
      WHERE agents.id = seen.id AND agents.status <> 'destroyed' AND agents.session IS DISTINCT FROM seen.session
      RETURNING agents.id
    )
    SELECT id, pg_notify('mig_agents', id::text) FROM noted`.execute(db);
  return rows.map(({ id }) => id);
}

/** Forgets who is connected, as long as nobody listened: whoever is there is heard of again. Followers look at all. */
export async function everybodyWentAway(db: Db): Promise<void> {
  await db.updateTable('agents').set({ status: 'idle', session: null }).where('status', '=', 'online').execute();
  await notify(db, 'mig_agents');
}

/** Marks an agent whose identity was copied. */
export async function markCopied(db: Db, id: Uuid, copied: CopiedIdentity): Promise<void> {
  await db
    .updateTable('agents')
    .set({ copied: JSON.stringify(copied) })
    .where('id', '=', id)
    .execute();
  await notify(db, 'mig_agents', id);
}

/** Takes the mark away where nobody took turns for a day: one of the two has enrolled anew, or is gone. */
export async function unmarkCopied(db: Db): Promise<void> {
  await sql`WITH noted AS (
      UPDATE agents SET copied = NULL WHERE (copied->>'time')::timestamptz < now() - interval '1 day' RETURNING id
    )
    SELECT pg_notify('mig_agents', id::text) FROM noted`.execute(db);
}

/** Agents that were not heard of for `idleMinutes` are idle, for `offlineMinutes` offline. */
export async function ageAgents(db: Db, idleMinutes: number, offlineMinutes: number): Promise<void> {
  const age = (from: AgentStatus, to: AgentStatus, minutes: number) =>
    sql`WITH noted AS (
      UPDATE agents SET status = ${to}
      WHERE status = ${from} AND heartbeattime < now() - make_interval(mins => ${minutes})
      RETURNING id
    )
    SELECT pg_notify('mig_agents', id::text) FROM noted`.execute(db);
  await age('online', 'idle', idleMinutes);
  await age('idle', 'offline', offlineMinutes);
}
