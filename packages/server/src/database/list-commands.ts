/**
 * Reads commands with the names of their agents: a list by name, and what has ended since a change. A result can be
 * large, so that a page is bounded by bytes as well: `hasMore` says whether it was.
 */
import type { CommandStatus, Uuid } from '@mig/action';
import type { AgentCommandItem, CommandItem } from '@mig/api';
import { type RawBuilder, sql } from 'kysely';
import type { NameCursor } from './name-cursor.ts';
import type { Db } from './open-database.ts';

/** Which commands of an action are wanted. */
export interface CommandFilter {
  readonly status?: CommandStatus | undefined;
  readonly open?: boolean | undefined;
  readonly found: 'found' | 'notfound' | 'all';
}

export interface CommandPage {
  readonly items: readonly CommandItem[];
  readonly hasMore: boolean;
}

/** Bytes of results, as the database stores them (compressed), after which a page ends. */
const pageBytes = 1024 * 1024;

/** Commands by the name of their agent, from behind `after`. */
export function listCommands(
  db: Db,
  actionid: Uuid,
  { status, open, found }: CommandFilter,
  { after, limit }: { readonly after?: NameCursor | undefined; readonly limit: number },
): Promise<CommandPage> {
  const conditions = [sql<boolean>`commands.actionid = ${actionid}`, whetherFound(found)];
  if (status !== undefined) conditions.push(sql`commands.status = ${status}`);
  if (open === true) conditions.push(sql`commands.status IN ('pending', 'sent')`);
  if (open === false) conditions.push(sql`commands.status NOT IN ('pending', 'sent')`);
  if (after !== undefined) {
    conditions.push(sql`(agents.name, commands.id) > (${after.name}, ${after.id}::uuid)`);
  }
  const from = sql`commands JOIN agents ON agents.id = commands.agentid`;
  return readPage(db, conditions, { from, order: sql`agents.name, commands.id`, limit });
}

/** Commands that ended after the change `after`, in the order in which that was committed. */
export function endedCommands(
  db: Db,
  actionid: Uuid,
  { after, found, limit }: { readonly after: number; readonly found: CommandFilter['found']; readonly limit: number },
): Promise<CommandPage> {
  const conditions = [
    sql<boolean>`commands.actionid = ${actionid}`,
    sql<boolean>`commands.change > ${after}`,
    sql<boolean>`commands.status NOT IN ('pending', 'sent')`,
    whetherFound(found),
  ];
  return readPage(db, conditions, { from: sql`commands`, order: sql`commands.change`, limit });
}

/** One command; undefined when there is none. */
export async function findCommand(db: Db, id: Uuid): Promise<CommandItem | undefined> {
  const page = { from: sql`commands`, order: sql`commands.id`, limit: 1 };
  return (await readPage(db, [sql`commands.id = ${id}`], page)).items[0];
}

/** What an agent was asked, the newest first, from behind `after`: ids grow with time. */
export async function commandsOfAgent(
  db: Db,
  agentid: Uuid,
  { after, limit }: { readonly after?: Uuid | undefined; readonly limit: number },
): Promise<readonly AgentCommandItem[]> {
  const { rows } = await sql<AgentCommandItem>`
    SELECT commands.id, commands.actionid, commands.agentid, commands.status, commands.finishtime,
      commands.found, actions.name AS actionname, actions.launchtime
    FROM commands JOIN actions ON actions.id = commands.actionid
    WHERE commands.agentid = ${agentid} ${after === undefined ? sql`` : sql`AND commands.id < ${after}::uuid`}
    ORDER BY commands.id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

function whetherFound(found: CommandFilter['found']): RawBuilder<boolean> {
  if (found === 'found') return sql`commands.found`;
  if (found === 'notfound') return sql`NOT commands.found AND commands.results IS NOT NULL`;
  return sql`true`;
}

/** Takes rows in order until they are `limit`, or until their results are too many bytes; one at least. */
async function readPage(
  db: Db,
  conditions: readonly RawBuilder<boolean>[],
  {
    order,
    limit,
    from,
  }: { readonly order: RawBuilder<unknown>; readonly limit: number; readonly from: RawBuilder<unknown> },
): Promise<CommandPage> {
  const { rows } = await sql<CommandItem & { readonly next: boolean }>`
    WITH candidates AS MATERIALIZED (
      SELECT commands.id, coalesce(pg_column_size(commands.results), 0) AS bytes
      FROM ${from} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${order} LIMIT ${limit + 1}
    ), page AS MATERIALIZED (
      SELECT id, row_number() OVER () AS place, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before
      FROM candidates
    ), wanted AS MATERIALIZED (
      SELECT id, place FROM page WHERE place = 1 OR (place <= ${limit} AND before < ${pageBytes})
    )
    SELECT commands.id, commands.actionid, commands.agentid, commands.status, commands.results, commands.refusals,
      commands.starttime, commands.finishtime, commands.change, agents.name AS agentname, agents.status AS agentstatus,
      agents.heartbeattime AS lastseen, (SELECT count(*) FROM page) > (SELECT count(*) FROM wanted) AS next
    FROM wanted JOIN commands ON commands.id = wanted.id JOIN agents ON agents.id = commands.agentid
    ORDER BY wanted.place`.execute(db);
  return { items: rows.map(({ next: _, ...item }) => item), hasMore: rows[0]?.next ?? false };
}

/** Lets the database look at its rows anew, so that it reads pages by their indexes: after many came at once. */
export async function lookAtCommands(db: Db): Promise<void> {
  await sql`ANALYZE commands (actionid, agentid, status, found, change)`.execute(db);
}
