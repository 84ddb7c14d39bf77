/**
 * The table of commands. Every change of one takes its turn, so that the numbers in `change` grow in the order in which
 * changes are committed: who reads on from a number misses nothing.
 */
import type { CommandStatus, ReportedRefusal, ResultMessage, Uuid } from '@mig/action';
import type { Cancellation } from '@mig/api';
import { sql, type Transaction } from 'kysely';
import { asArray } from './agents.ts';
import { inTransaction, inTurn, turns } from './in-turn.ts';
import { type Db, notify } from './open-database.ts';
import type { Schema } from './schema.ts';

/** The next number, within a turn. */
const next = sql<number>`nextval('commands_change_seq')`;

/** Changes commands in their turn, and wakes those who follow their actions. */
function change<T>(db: Db, work: (transaction: Transaction<Schema>) => Promise<{ done: T; actions: Iterable<Uuid> }>) {
  return inTransaction(db, async (transaction) => {
    await inTurn(transaction, turns.commands);
    const { done, actions } = await work(transaction);
    for (const id of new Set(actions)) {
      await finishActions(transaction, id);
      await notify(transaction, 'mig_commands', id);
    }
    return done;
  });
}

/** A command that is to be sent. */
export interface Owed {
  readonly id: Uuid;
  readonly actionid: Uuid;
  readonly agentid: Uuid;
}

/** Pending commands of agents that are online, in actions whose window is open. */
export function pendingCommands(db: Db, limit: number): Promise<readonly Owed[]> {
  return sendable(db, limit).where('commands.status', '=', 'pending').execute();
}

/** An agent that has just come, and the commands that it holds. */
export interface Comer {
  readonly agentid: Uuid;
  readonly held: readonly Uuid[];
}

/**
 * What agents that have come are owed: all of their commands that are open, but for those that they hold; from behind
 * `after`.
 */
export function owedCommands(
  db: Db,
  comers: readonly Comer[],
  { after, limit }: { readonly after?: Owed | undefined; readonly limit: number },
): Promise<readonly Owed[]> {
  const ids = comers.map(({ agentid }) => agentid);
  let query = sendable(db, limit)
    .where(sql<boolean>`commands.agentid = ANY(${asArray(ids)}::uuid[])`)
    .where('commands.status', 'in', ['pending', 'sent']);
  const held = comers.flatMap(({ agentid, held }) => held.map((id) => ({ agentid, id })));
  // What one agent says that it holds must not keep another from its commands.
  if (held.length > 0) {
    query = query.where(sql<boolean>`NOT EXISTS (
      SELECT FROM jsonb_to_recordset(${JSON.stringify(held)}::jsonb) AS held (agentid uuid, id uuid)
      WHERE held.agentid = commands.agentid AND held.id = commands.id)`);
  }
  if (after !== undefined) {
    query = query.where(sql<boolean>`(commands.actionid, commands.id) > (${after.actionid}::uuid, ${after.id}::uuid)`);
  }
  return query.execute();
}

function sendable(db: Db, limit: number) {
  return db
    .selectFrom('commands')
    .innerJoin('actions', 'actions.id', 'commands.actionid')
    .innerJoin('agents', 'agents.id', 'commands.agentid')
    .select(['commands.id', 'commands.actionid', 'commands.agentid'])
    .where('actions.status', 'in', ['pending', 'inprogress'])
    .where(sql<boolean>`now() BETWEEN actions.validfrom AND actions.expireafter`)
    .where('agents.status', '=', 'online')
    .orderBy('commands.actionid')
    .orderBy('commands.id')
    .limit(limit);
}

/** Notes that commands were given to the relay. Those that ended meanwhile stay as they are. */
export async function markSent(db: Db, ids: readonly Uuid[]): Promise<void> {
  if (ids.length === 0) return;
  await change(db, async (transaction) => {
    const rows = await transaction
      .updateTable('commands')
      .set({ status: 'sent', senttime: sql`now()`, change: next })
      .where(sql<boolean>`id = ANY(${asArray(ids)}::uuid[])`)
      .where('status', '=', 'pending')
      .returning('actionid')
      .execute();
    return { done: undefined, actions: rows.map(({ actionid }) => actionid) };
  });
}

/** What becomes of a result: `stored` also when the command had ended already; `refused` is for good. */
export interface ResultOutcome {
  readonly commandid: Uuid;
  readonly agentid: Uuid;
  readonly outcome: 'stored' | 'refused';
  readonly reason?: string;
}

/**
 * Stores results, a batch in one transaction. The first final status of a command stays, but for one case: a command
 * that the platform gave up as expired takes the answer that came after all. A result for a command that is not that
 * agent's is refused.
 */
export function storeResults(
  db: Db,
  results: readonly { readonly agentid: Uuid; readonly result: ResultMessage }[],
): Promise<readonly ResultOutcome[]> {
  return change(db, async (transaction) => {
    const ids = results.map(({ result }) => result.commandid);
    const known = await transaction
      .selectFrom('commands')
      .select(['id', 'actionid', 'agentid', 'status', 'results'])
      .where(sql<boolean>`id = ANY(${asArray(ids)}::uuid[])`)
      .execute();
    const byId = new Map(known.map((row) => [row.id, row]));
    const outcomes: ResultOutcome[] = [];
    const rows: object[] = [];
    const taken = new Set<Uuid>();
    for (const { agentid, result } of results) {
      const { commandid } = result;
      const command = byId.get(commandid);
      if (command === undefined || command.agentid !== agentid || command.actionid !== result.actionid) {
        outcomes.push({ commandid, agentid, outcome: 'refused', reason: 'there is no such command for this agent' });
        continue;
      }
      outcomes.push({ commandid, agentid, outcome: 'stored' });
      const isOpen = command.status === 'pending' || command.status === 'sent';
      const isLate = command.status === 'expired' && command.results === null && result.status !== 'expired';
      if (taken.has(commandid) || !(isOpen || isLate)) continue;
      taken.add(commandid);
      rows.push({
        id: commandid,
        status: result.status,
        results: result.results,
        refusals: result.refusals,
        found: result.results?.some(({ foundanything }) => foundanything) ?? false,
        starttime: result.starttime,
        finishtime: result.finishtime,
      });
    }
    if (rows.length > 0) {
      // Numbered in the order in which they came, whatever the plan of the update.
      await sql`WITH new AS MATERIALIZED (
          SELECT *, ${next} AS number FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new
            (id uuid, status text, results jsonb, refusals jsonb, found boolean, starttime timestamptz, finishtime timestamptz)
        )
        UPDATE commands SET
          status = new.status, results = new.results, refusals = coalesce(new.refusals, '[]'), found = new.found,
          senttime = coalesce(commands.senttime, now()), starttime = new.starttime, finishtime = new.finishtime,
          change = new.number
        FROM new WHERE commands.id = new.id`.execute(transaction);
    }
    const actions = [...taken].map((id) => byId.get(id)!.actionid);
    return { done: outcomes, actions };
  });
}

/**
 * Stops an action: what was not sent is cancelled at once. Gives what was sent, for the agents to be told. Of an action
 * that is cancelled already, the first cancellation is kept.
 */
export function cancelCommands(db: Db, actionid: Uuid, cancellation: Cancellation): Promise<readonly Owed[]> {
  return change(db, async (transaction) => {
    await transaction
      .updateTable('actions')
      .set({
        status: 'cancelled',
        finishtime: sql`now()`,
        cancelledby: cancellation.by,
        cancelreason: cancellation.reason,
      })
      .where('id', '=', actionid)
      .where('status', 'in', ['pending', 'inprogress'])
      .execute();
    await end(transaction, { status: 'cancelled', code: 'CANCELLED', message: toldOf(cancellation) })
      .where('actionid', '=', actionid)
      .where('status', '=', 'pending')
      .execute();
    const sent = await transaction
      .selectFrom('commands')
      .select(['id', 'actionid', 'agentid'])
      .where('actionid', '=', actionid)
      .where('status', '=', 'sent')
      .execute();
    return { done: sent, actions: [actionid] };
  });
}

/** What agents and followers are told of a cancellation. */
export function toldOf({ by, reason }: Cancellation): string {
  return `by ${by}: ${reason}`;
}

/**
 * Ends what is open of an agent that was taken out of the fleet: it gets nothing any more, and nothing of it is taken.
 * Gives how many commands that were.
 */
export function endCommandsOf(db: Db, agentid: Uuid): Promise<number> {
  return change(db, async (transaction) => {
    const rows = await end(transaction, {
      status: 'cancelled',
      code: 'AGENT_DESTROYED',
      message: 'the agent was taken out of the fleet',
    })
      .where('status', 'in', ['pending', 'sent'])
      .where('agentid', '=', agentid)
      .returning('actionid')
      .execute();
    return { done: rows.length, actions: rows.map(({ actionid }) => actionid) };
  });
}

/** A command that an agent was sent and that was cancelled since. */
export interface Cancelled extends Owed {
  readonly reason: string;
}

/** Commands that these agents were sent and that were cancelled since: they may not know. */
export async function cancelledCommands(db: Db, agentids: readonly Uuid[]): Promise<readonly Cancelled[]> {
  const rows = await db
    .selectFrom('commands')
    .innerJoin('actions', 'actions.id', 'commands.actionid')
    .select(['commands.id', 'commands.actionid', 'commands.agentid', 'actions.cancelledby', 'actions.cancelreason'])
    .where(sql<boolean>`commands.agentid = ANY(${asArray(agentids)}::uuid[])`)
    .where('commands.status', '=', 'sent')
    .where('actions.status', '=', 'cancelled')
    .execute();
  return rows.map(({ cancelledby: by, cancelreason: reason, ...command }) => ({
    ...command,
    reason: by === null || reason === null ? 'the action was cancelled' : toldOf({ by, reason }),
  }));
}

/**
 * Ends commands whose time is over: those never sent at the end of their action's window, the others `graceSeconds`
 * later, since an agent may be running them. Gives how many.
 */
export function expireCommands(db: Db, graceSeconds: number): Promise<number> {
  return change(db, async (transaction) => {
    const message = 'the time of the action was over before the agent answered';
    const rows = await end(transaction, { status: 'expired', code: 'ACTION_EXPIRED', message })
      .where('status', 'in', ['pending', 'sent'])
      .where(
        sql<boolean>`EXISTS (SELECT FROM actions WHERE actions.id = commands.actionid AND now() > actions.expireafter
          + CASE commands.status WHEN 'sent' THEN make_interval(secs => ${graceSeconds}) ELSE interval '0' END)`,
      )
      .returning('actionid')
      .execute();
    // An action that selected nobody is over with its window.
    const empty = await sql<{ id: Uuid }>`UPDATE actions SET status = 'finished', finishtime = now()
      WHERE status IN ('pending', 'inprogress') AND now() > expireafter
        AND NOT EXISTS (SELECT FROM commands WHERE actionid = actions.id) RETURNING id`.execute(transaction);
    const actions = [...rows.map(({ actionid }) => actionid), ...empty.rows.map(({ id }) => id)];
    return { done: rows.length, actions };
  });
}

function end(
  transaction: Transaction<Schema>,
  { status, code, message }: { readonly status: CommandStatus; readonly code: string; readonly message: string },
) {
  const refusals: ReportedRefusal[] = [{ operation: null, code, message }];
  return transaction
    .updateTable('commands')
    .set({ status, refusals: JSON.stringify(refusals), finishtime: sql`now()`, change: next });
}

/** An action is finished once none of its commands is open. */
async function finishActions(transaction: Transaction<Schema>, id: Uuid): Promise<void> {
  await sql`UPDATE actions SET status = 'finished', finishtime = now()
    WHERE id = ${id} AND status IN ('pending', 'inprogress')
      AND NOT EXISTS (SELECT FROM commands WHERE actionid = ${id} AND status IN ('pending', 'sent'))`.execute(
    transaction,
  );
}

/** Opens the actions whose window has begun. Gives whether there were any. */
export async function openActions(db: Db): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('actions')
    .set({ status: 'inprogress' })
    .where('status', '=', 'pending')
    .where(sql<boolean>`now() >= validfrom`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
