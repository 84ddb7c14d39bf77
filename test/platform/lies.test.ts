/** A platform that was taken over: its database says what its master wants, and the agent still does not act on it. */
import { join } from 'node:path';
import { createUuid, encodeBase64, encodeEnvelope, parseEnvelope, payloadOf } from '@mig/action';
import { withPlatform } from '@mig/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { withCountedRuns } from '../../packages/agent/src/testing/counted-runs.ts';
import { type Db, openDatabase } from '../../packages/server/src/database/open-database.ts';

/** Opens the database of a server that does not run. */
async function alter(datadir: string, change: (db: Db) => Promise<unknown>): Promise<void> {
  const database = await openDatabase({ url: join(datadir, 'database') });
  try {
    await change(database.db);
  } finally {
    await database.close();
  }
}

test('an agent refuses an action that was altered in the database, and one that it ran before', () =>
  withCountedRuns((runs) =>
    withPlatform(async (platform) => {
      const agent = await platform.enrol('web');
      await agent.start();
      const honest = await platform.launch([runs.operation(0.1)]);
      expect((await platform.follow(honest.id)).end.counters.success).toBe(1);
      await agent.process.stop();
      const altered = await platform.launch([runs.operation(0.1)]);
      await platform.server.stop();
      await alter(platform.datadir, async (db) => {
        const query = db.selectFrom('actions').select('envelope').where('id', '=', altered.id);
        const envelope = parseEnvelope((await query.executeTakeFirstOrThrow()).envelope);
        const payload = Buffer.from(payloadOf(envelope)).toString();
        const worse = payload.replace('"127.0.0.1"', '"127.0.0.2"');
        expect(worse).not.toBe(payload);
        const forged = encodeEnvelope({ ...envelope, payload: encodeBase64(Buffer.from(worse)) });
        await sql`UPDATE actions SET envelope = ${forged} WHERE id = ${altered.id}`.execute(db);
        // The first action once more, under a new command.
        await sql`UPDATE actions SET status = 'inprogress' WHERE id = ${honest.id}`.execute(db);
        await sql`UPDATE commands SET id = ${createUuid()}, status = 'pending' WHERE actionid = ${honest.id}`.execute(
          db,
        );
      });
      await platform.startServer();
      await agent.start();
      for (const [id, code] of [
        [altered.id, 'SIGNATURE_INVALID'],
        [honest.id, 'ACTION_REPLAYED'],
      ] as const) {
        await platform.follow(id);
        const [command] = await platform.commands(id);
        expect([command!.status, command!.refusals.map((one) => one.code)]).toEqual(['failed', [code]]);
      }
      expect(runs.count).toBe(1);
      expect(agent.journal().filter(({ entry }) => entry === 'started')).toHaveLength(1);
    }),
  ));
