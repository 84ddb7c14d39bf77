/** What an agent was asked is listed by agent: without this index, each such list reads all commands. */
import { type Kysely, sql } from 'kysely';

export async function indexCommandsByAgent(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX IF NOT EXISTS commands_by_agent ON commands (agentid, id)`.execute(db);
}
