import { createUuid, type Uuid } from '@mig/action';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { addManyAgents } from '../api/testing/sample-fleet.ts';
import { answerOf, launchSample } from '../testing/launch-sample.ts';
import { onBothDatabases } from '../testing/on-both-databases.ts';
import { newAlerts, storeAlerts } from './alerts.ts';
import { expireCommands, markSent, storeResults } from './commands.ts';
import { endedCommands } from './list-commands.ts';
import type { Db } from './open-database.ts';

/** Agents of a launch, and how many write at the same time. */
const [agentCount, writerCount] = [120, 6];

/** What one writer does next, to a part of the commands. */
const step = fc.record({
  kind: fc.constantFrom('sent', 'results', 'again', 'expire'),
  from: fc.nat(agentCount - 1),
  count: fc.integer({ min: 1, max: 40 }),
});
const writers = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), {
  minLength: writerCount,
  maxLength: writerCount,
});

onBothDatabases((database) => {
  const db = () => database().db;
  const launch = async () => {
    const { rows } = await sql<{ id: Uuid }>`SELECT id FROM agents WHERE name LIKE 'follow%'`.execute(db());
    if (rows.length === 0) await addManyAgents(db(), 'follow', agentCount);
    const agents = await db().selectFrom('agents').select('id').where('name', 'like', 'follow%').execute();
    const { action } = await launchSample(
      db(),
      agents.map(({ id }) => id),
    );
    const commands = await db().selectFrom('commands').selectAll().where('actionid', '=', action.id).execute();
    return { actionid: action.id, commands };
  };

  test('who follows commands by their change sees each end, once, in order, however many write', () =>
    fc.assert(
      fc.asyncProperty(writers, fc.integer({ min: 1, max: 30 }), async (plans, limit) => {
        const { actionid, commands } = await launch();
        const write = async ({ kind, from, count }: (typeof plans)[number][number]) => {
          const part = commands.slice(from, from + count);
          if (kind === 'sent')
            await markSent(
              db(),
              part.map(({ id }) => id),
            );
          else if (kind === 'expire') await expireCommands(db(), 0);
          else {
            await storeResults(
              db(),
              part.map(({ id, agentid }) => ({ agentid, result: answerOf(id, actionid) })),
            );
          }
        };
        let isOver = false;
        const writing = Promise.all(
          plans.map(async (steps) => {
            for (const one of steps) await write(one);
          }),
        )
          .then(() => write({ kind: 'results', from: 0, count: agentCount }))
          .finally(() => {
            isOver = true;
          });
        const seen = await follow(db(), actionid, limit, () => isOver);
        await writing;

        expect(new Set(seen.map(({ id }) => id)).size).toBe(commands.length);
        expect(seen).toHaveLength(commands.length);
        expect(seen.map(({ change }) => change)).toEqual(seen.map(({ change }) => change).toSorted((a, b) => a - b));
      }),
      { numRuns: 8 },
    ));

  test('who follows alerts sees each, once, however many are stored at the same time', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }), {
          minLength: 2,
          maxLength: 6,
        }),
        async (plans) => {
          const { commands } = await launch();
          const module = `m${createUuid()}`;
          const agentid = commands[0]!.agentid;
          const alert = () => ({
            agentid,
            alert: { id: createUuid(), module, time: new Date().toISOString(), message: '', fields: {} },
          });
          let isOver = false;
          const writing = Promise.all(
            plans.map(async (counts) => {
              for (const count of counts) {
                const batch = Array.from({ length: count }, alert);
                await storeAlerts(db(), batch);
                // Repeated, as by an agent that was not acknowledged.
                await storeAlerts(db(), batch);
              }
            }),
          ).then(() => {
            isOver = true;
          });
          const seen: string[] = [];
          let after = 0;
          for (let isLast = false; !isLast; ) {
            isLast = isOver;
            const read = await newAlerts(db(), { module }, after, 1_000);
            seen.push(...read.map(({ id }) => id));
            after = read.at(-1)?.change ?? after;
          }
          await writing;
          const total = plans.flat().reduce((sum, count) => sum + count, 0);
          expect([seen.length, new Set(seen).size]).toEqual([total, total]);
        },
      ),
      { numRuns: 6 },
    ));
});

/** Reads on from the last change that was seen, until `isOver` and there is nothing more. */
async function follow(db: Db, actionid: Uuid, limit: number, isOver: () => boolean) {
  const seen: { id: Uuid; change: number }[] = [];
  for (let isLast = false; !isLast; ) {
    const wasOver = isOver();
    const { items } = await endedCommands(db, actionid, { after: seen.at(-1)?.change ?? 0, found: 'all', limit });
    seen.push(...items.map(({ id, change }) => ({ id, change })));
    isLast = wasOver && items.length === 0;
    // Lets the writers have the machine for a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return seen;
}
