/** The table of actions, and their launch: one transaction, and the same action again changes nothing. */
import { type Action, createUuid, type Envelope, encodeEnvelope, type SignatureVerdict, type Uuid } from '@mig/action';
import type { ActionStatus, ActionSummary, Counters } from '@mig/api';
import { type Selectable, sql } from 'kysely';
import { inTransaction, inTurn, turns } from './in-turn.ts';
import { type Db, notify } from './open-database.ts';
import type { Schema } from './schema.ts';

type ActionRow = Selectable<Schema['actions']>;

export interface Launch {
  readonly action: Action;
  readonly envelope: Envelope;
  /** Verified, in the order of the envelope. */
  readonly signatures: readonly SignatureVerdict[];
  /** Whom it is for. */
  readonly agents: readonly Uuid[];
}

/**
 * Stores the action with its signatures and one pending command for each of `agents`. False when
 * there is an action of this id already: then nothing is changed.
 */
export function launchAction(db: Db, launch: Launch): Promise<boolean> {
  const { action, envelope, signatures, agents } = launch;
  return inTransaction(db, async (transaction) => {
    const isFuture = Date.parse(action.validfrom) > Date.now();
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('actions')
      .values({
        id: action.id,
        name: action.name,
        target: action.target,
        description: action.description === undefined ? null : JSON.stringify(action.description),
        threat: action.threat === undefined ? null : JSON.stringify(action.threat),
        validfrom: action.validfrom,
        expireafter: action.expireafter,
        operations: JSON.stringify(action.operations),
        envelope: encodeEnvelope(envelope),
        status: isFuture ? 'pending' : 'inprogress',
        launchtime: new Date().toISOString(),
        finishtime: null,
        cancelledby: null,
        cancelreason: null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) return false;
    await transaction
      .insertInto('signatures')
      .values(
        signatures.map(({ fingerprint, investigator }, place) => ({
          actionid: action.id,
          fingerprint: fingerprint!,
          investigator: investigator ?? fingerprint!,
          place,
        })),
      )
      .execute();
    await inTurn(transaction, turns.commands);
    for (let at = 0; at < agents.length; at += 5_000) {
      const part = agents.slice(at, at + 5_000);
      await sql`INSERT INTO commands (id, actionid, agentid, status)
        SELECT made.id, ${action.id}::uuid, made.agentid, 'pending'
        FROM unnest(${`{${part.map(() => createUuid())}}`}::uuid[], ${`{${part}}`}::uuid[]) AS made (id, agentid)
          JOIN agents ON agents.id = made.agentid AND agents.status <> 'destroyed'`.execute(transaction);
    }
    await notify(transaction, 'mig_dispatch', action.id);
    await notify(transaction, 'mig_commands', action.id);
    return true;
  });
}

/** Which actions a list shows; texts are parts of what is looked for. */
export interface ActionFilter {
  readonly status?: ActionStatus | undefined;
  readonly name?: string | undefined;
  readonly investigator?: string | undefined;
  readonly id?: string | undefined;
}

/** Actions, the newest first, before the cursor `after`. */
export async function listActions(
  db: Db,
  { status, name, investigator, id }: ActionFilter,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly ActionSummary[]> {
  let query = db.selectFrom('actions').selectAll().orderBy('id', 'desc').limit(limit);
  if (after !== undefined) query = query.where('id', '<', after);
  if (status !== undefined) query = query.where('status', '=', status);
  if (name !== undefined) query = query.where(sql<boolean>`position(lower(${name}) in lower(name)) > 0`);
  if (id !== undefined) {
    query = query.where(
      sql<boolean>`(starts_with(id::text, lower(${id})) OR right(id::text, length(${id})) = lower(${id}))`,
    );
  }
  if (investigator !== undefined) {
    query = query.where(sql<boolean>`EXISTS (SELECT FROM signatures WHERE actionid = actions.id
      AND position(lower(${investigator}) in lower(investigator)) > 0)`);
  }
  return summarize(db, await query.execute());
}

export async function findAction(db: Db, id: Uuid): Promise<ActionSummary | undefined> {
  const row = await db.selectFrom('actions').selectAll().where('id', '=', id).executeTakeFirst();
  return row && (await summarize(db, [row]))[0];
}

/** The id of the action, where there is one of that id. */
export async function findActionId(db: Db, id: Uuid): Promise<Uuid | undefined> {
  return (await db.selectFrom('actions').select('id').where('id', '=', id).executeTakeFirst())?.id;
}

/** The envelope as it was launched. */
export async function findEnvelope(db: Db, id: Uuid): Promise<Envelope | undefined> {
  const row = await db.selectFrom('actions').select('envelope').where('id', '=', id).executeTakeFirst();
  return row && (JSON.parse(row.envelope) as Envelope);
}

/** Actions whose commands are open, with what is needed to send them. */
export async function findEnvelopes(db: Db, ids: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Envelope>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('actions').select(['id', 'envelope']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, envelope }) => [id, JSON.parse(envelope) as Envelope]));
}

/** Counts commands: always right, whoever writes at the same time. */
export async function countCommands(db: Db, ids: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Counters>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('commands')
    .select(['actionid', 'status'])
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .select(sql<number>`count(*) FILTER (WHERE found)`.as('found'))
    .select(sql<number>`count(*) FILTER (WHERE senttime IS NOT NULL)`.as('delivered'))
    .where('actionid', 'in', ids)
    .groupBy(['actionid', 'status'])
    .execute();
  return new Map(ids.map((id) => [id, toCounters(rows.filter(({ actionid }) => actionid === id))]));
}

function toCounters(rows: readonly { status: string; count: number; found: number; delivered: number }[]): Counters {
  const of = (status: string) => rows.find((row) => row.status === status)?.count ?? 0;
  const [pending, sent] = [of('pending'), of('sent')];
  const targeted = rows.reduce((sum, { count }) => sum + count, 0);
  return {
    targeted,
    pending,
    sent,
    done: targeted - pending - sent,
    success: of('success'),
    failed: of('failed'),
    cancelled: of('cancelled'),
    expired: of('expired'),
    timeout: of('timeout'),
    found: rows.reduce((sum, { found }) => sum + found, 0),
    delivered: rows.reduce((sum, { delivered }) => sum + delivered, 0),
  };
}

async function summarize(db: Db, rows: readonly ActionRow[]): Promise<readonly ActionSummary[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const counters = await countCommands(db, ids);
  const signatures = await db
    .selectFrom('signatures')
    .selectAll()
    .where('actionid', 'in', ids)
    .orderBy('place')
    .execute();
  return rows.map(({ envelope: _, cancelledby: by, cancelreason: reason, ...row }) => ({
    ...row,
    cancellation: by === null || reason === null ? null : { by, reason },
    investigators: signatures
      .filter(({ actionid }) => actionid === row.id)
      .map(({ fingerprint, investigator }) => ({ name: investigator, fingerprint })),
    counters: counters.get(row.id)!,
  }));
}
