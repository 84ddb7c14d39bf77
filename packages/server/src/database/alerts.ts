/** The table of alerts. They are numbered in the order in which they are committed. */
import type { AlertMessage, Uuid } from '@mig/action';
import type { Alert } from '@mig/api';
import { type RawBuilder, sql } from 'kysely';
import { asArray, statusesOf } from './agents.ts';
import { inTurn, turns } from './in-turn.ts';
import { type Db, notify } from './open-database.ts';

/**
 * Stores alerts, a batch in one transaction; one that is there already is left alone. Those of agents that are unknown are
 * not stored: gives these agents.
 */
export function storeAlerts(
  db: Db,
  alerts: readonly { readonly agentid: Uuid; readonly alert: AlertMessage }[],
): Promise<ReadonlySet<Uuid>> {
  return db.transaction().execute(async (transaction) => {
    await inTurn(transaction, turns.alerts);
    const known = await statusesOf(transaction, [...new Set(alerts.map(({ agentid }) => agentid))]);
    const rows = alerts.map(({ agentid, alert }) => ({ agentid, ...alert }));
    await sql`INSERT INTO alerts (id, agentid, module, time, message, fields)
      SELECT new.id, new.agentid, new.module, new.time, new.message, new.fields
      FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS (id uuid, agentid uuid, module text, time timestamptz, message text, fields jsonb)) WITH ORDINALITY
        AS new (id, agentid, module, time, message, fields, place)
      JOIN agents ON agents.id = new.agentid
      ORDER BY new.place
      ON CONFLICT DO NOTHING`.execute(transaction);
    await notify(transaction, 'mig_alerts');
    return new Set(alerts.map(({ agentid }) => agentid).filter((id) => !known.has(id)));
  });
}

/** Which alerts are wanted: of which agents, from which module. */
export interface AlertFilter {
  readonly agentids?: readonly Uuid[] | undefined;
  readonly module?: string | undefined;
}

/** Whether an agent has raised an alert after the cursor; without one, whether it has raised any. As a condition on agents. */
export function hasAlerts(after = 0): RawBuilder<boolean> {
  return sql<boolean>`id = ANY(ARRAY(SELECT DISTINCT agentid FROM alerts WHERE change > ${after}))`;
}

/** Alerts before the cursor, the newest first. */
export function listAlerts(
  db: Db,
  filter: AlertFilter,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<readonly Alert[]> {
  let query = wanted(db, filter).orderBy('alerts.change', 'desc').limit(limit);
  if (before !== undefined) query = query.where('alerts.change', '<', before);
  return query.execute();
}

/** Alerts after the cursor, in their order. */
export function newAlerts(db: Db, filter: AlertFilter, after: number, limit: number): Promise<readonly Alert[]> {
  return wanted(db, filter).where('alerts.change', '>', after).orderBy('alerts.change').limit(limit).execute();
}

/** The number of the newest alert; 0 without any. */
export async function lastAlert(db: Db): Promise<number> {
  const row = await db
    .selectFrom('alerts')
    .select(({ fn }) => fn.max('change').as('last'))
    .executeTakeFirst();
  return row?.last ?? 0;
}

function wanted(db: Db, { agentids, module }: AlertFilter) {
  let query = db
    .selectFrom('alerts')
    .innerJoin('agents', 'agents.id', 'alerts.agentid')
    .selectAll('alerts')
    .select('agents.name as agentname');
  if (agentids !== undefined) query = query.where(sql<boolean>`alerts.agentid = ANY(${asArray(agentids)}::uuid[])`);
  if (module !== undefined) query = query.where('alerts.module', '=', module);
  return query;
}
