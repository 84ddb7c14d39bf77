import { createUuid } from '@mig/action';
import { beforeAll, expect, test } from 'vitest';
import { addAgent } from '../api/testing/sample-fleet.ts';
import { destroyAgent } from '../database/agents.ts';
import type { Database } from '../database/open-database.ts';
import { openTestDatabase } from '../testing/open-test-database.ts';
import { Admission } from './admission.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});

test('lets in whom the fleet knows, whoever else comes at the same time, and nobody when that cannot be told', async () => {
  const { db } = database;
  const [known, destroyed] = [await addAgent(db, 'known'), await addAgent(db, 'destroyed')];
  await destroyAgent(db, destroyed);
  const admission = new Admission(db);
  const come = () => Promise.allSettled([known, destroyed, createUuid(), known].map((id) => admission.refusalOf(id)));
  expect(await come()).toMatchObject([
    { value: undefined },
    { value: 'the agent was taken out of the fleet' },
    { value: 'the platform does not know this agent' },
    { value: undefined },
  ]);
  expect(await admission.refusalOf(known)).toBeUndefined();
  await database.close();
  expect((await come()).map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'rejected'));
});
