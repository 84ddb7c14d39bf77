import { createUuid, type Uuid } from '@mig/action';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addAgent } from '../api/testing/sample-fleet.ts';
import { newAlerts, storeAlerts } from '../database/alerts.ts';
import { openTestDatabase } from '../testing/open-test-database.ts';
import { Batch } from './batch.ts';

type Taken = Parameters<typeof storeAlerts>[1][number];

test('what the database will never take is refused by itself, and the others are written', async () => {
  const database = await openTestDatabase();
  const agentid = await addAgent(database.db, 'one');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), async (areGood) => {
      const module = createUuid();
      const alerts = areGood.map((isGood) => alertOf(agentid, module, isGood ? '2026-01-01T00:00:00Z' : '2026-02-30'));
      const refused: Taken[] = [];
      const batch = new Batch<Taken>({
        write: async (items) => void (await storeAlerts(database.db, items)),
        refuse: async (item, reason) => {
          expect(reason).toMatch(/date\/time field value out of range/);
          refused.push(item);
        },
        log: () => {},
      });
      await Promise.all(alerts.map((alert) => batch.add(alert)));

      const written = await newAlerts(database.db, { module }, 0, 1_000);
      expect(written.map(({ id }) => id)).toEqual(alerts.filter((_, i) => areGood[i]).map(({ alert }) => alert.id));
      expect(refused).toEqual(alerts.filter((_, i) => !areGood[i]));
    }),
    { numRuns: 10 },
  );
  await database.close();
});

function alertOf(agentid: Uuid, module: string, time: string): Taken {
  return { agentid, alert: { id: createUuid(), module, time, message: '', fields: {} } };
}
