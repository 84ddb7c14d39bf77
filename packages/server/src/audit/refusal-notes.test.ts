import { createUuid } from '@mig/action';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/open-database.ts';
import { openTestDatabase } from '../testing/open-test-database.ts';
import { listAudit, verifyAudit } from './audit-log.ts';
import { RefusalNotes } from './refusal-notes.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('a flood of refusals is one entry, and one with their numbers for each minute', async () => {
  let now = 0;
  const notes = new RefusalNotes(database.db, () => now);
  const [hostile, other] = [createUuid(), createUuid()];
  const refusal = (agentid: string, of: 'result' | 'alert' = 'result') => ({
    agentid,
    of,
    id: createUuid(),
    reason: 'why',
  });
  const flood = Array.from({ length: 1_000 }, () => refusal(hostile));
  const alert = refusal(hostile, 'alert');
  await notes.note([...flood, refusal(other), alert]);
  const written = async () => (await listAudit(database.db, { limit: 1_000 })).toReversed();
  expect(await written()).toMatchObject([
    { actor: `agent ${hostile}`, event: 'result refused', subject: flood[0]!.id, details: { reason: 'why' } },
    { actor: `agent ${other}`, event: 'result refused' },
  ]);

  now = 59_999;
  await notes.flush();
  expect(await written()).toHaveLength(2);
  now = 60_000;
  await notes.note([refusal(hostile)]);
  expect((await written()).slice(2)).toMatchObject([
    {
      actor: 'scheduler',
      event: 'refusals counted',
      subject: '1 agent',
      details: { results: 999, alerts: 1, most: [{ agentid: hostile, results: 999, alerts: 1, last: alert.id }] },
    },
    { actor: `agent ${hostile}`, event: 'result refused' },
  ]);

  // Many hostile agents do not fill it either.
  await notes.note(Array.from({ length: 500 }, () => refusal(createUuid())));
  await notes.flush(true);
  expect((await written()).length).toBeLessThan(4 + 61);
  expect((await written()).at(-1)).toMatchObject({ event: 'refusals counted', details: { results: 441 } });
  await notes.flush(true);
  expect((await written()).at(-1)).toMatchObject({ details: { results: 441 } });
  expect(await verifyAudit(database.db)).toMatchObject({ intact: true });
});
