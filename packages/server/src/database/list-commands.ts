/** Reads commands with the names of their agents: a list by name, and what has ended since a change. */
import type { Command, CommandStatus, Uuid } from '@mig/action';
import type { CommandItem } from '@mig/api';
import { sql } from 'kysely';
import type { Db } from './open-database.ts';

/** Which commands of an action are wanted. */
export interface CommandFilter {
  readonly status?: CommandStatus | undefined;
  readonly open?: boolean | undefined;
  readonly found: 'found' | 'notfound' | 'all';
}

/** Commands by the name of their agent, from behind the cursor, which `commandCursor` makes of the last one. */
export async function listCommands(
  db: Db,
  actionid: Uuid,
  { status, open, found }: CommandFilter,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly CommandItem[]> {
  let query = items(db).where('actionid', '=', actionid).orderBy('agents.name').orderBy('commands.id').limit(limit);
  if (status !== undefined) query = query.where('commands.status', '=', status);
  if (open === true) query = query.where('commands.status', 'in', ['pending', 'sent']);
  if (open === false) query = query.where('commands.status', 'not in', ['pending', 'sent']);
  if (found === 'found') query = query.where('found', '=', true);
  if (found === 'notfound') query = query.where('found', '=', false).where('results', 'is not', null);
  if (after !== undefined) {
    const [id, name] = splitCursor(after);
    query = query.where(sql<boolean>`(agents.name, commands.id) > (${name}, ${id}::uuid)`);
  }
  return query.execute();
}

/** Where a list of commands goes on. */
export function commandCursor({ id, agentname }: CommandItem): string {
  return `${id} ${agentname}`;
}

/** Commands that ended after the change `after`, in the order in which that was committed. */
export function endedCommands(db: Db, actionid: Uuid, after: number, limit: number): Promise<readonly CommandItem[]> {
  return items(db)
    .where('actionid', '=', actionid)
    .where('commands.status', 'not in', ['pending', 'sent'])
    .where('change', '>', after)
    .orderBy('change')
    .limit(limit)
    .execute();
}

/** One command. */
export async function findCommand(db: Db, id: Uuid): Promise<Command | undefined> {
  return items(db).where('commands.id', '=', id).executeTakeFirst();
}

function items(db: Db) {
  return db
    .selectFrom('commands')
    .innerJoin('agents', 'agents.id', 'commands.agentid')
    .select([
      'commands.id',
      'commands.actionid',
      'commands.agentid',
      'commands.status',
      'commands.results',
      'commands.refusals',
      'commands.starttime',
      'commands.finishtime',
      'commands.change',
      'agents.name as agentname',
      'agents.status as agentstatus',
      'agents.heartbeattime as lastseen',
    ]);
}

function splitCursor(cursor: string): readonly [id: string, name: string] {
  const at = cursor.indexOf(' ');
  return [cursor.slice(0, at), cursor.slice(at + 1)];
}
