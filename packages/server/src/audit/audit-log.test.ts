import fc from 'fast-check';
import { sql, type Transaction } from 'kysely';
import { expect, test } from 'vitest';
import type { Schema } from '../database/schema.ts';
import { onBothDatabases } from '../testing/on-both-databases.ts';
import { appendAudit, listAudit, verifyAudit } from './audit-log.ts';

/** Whatever text and JSON can get here, from a request or an agent. */
const text = fc.string({ unit: 'binary', maxLength: 12 });
const details = fc.dictionary(text, fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }));
const event = fc.record({ actor: text, event: text, subject: text, details });

const entryCount = 8;
const place = fc.integer({ min: 1, max: entryCount });

/** What somebody with the rights of the database's owner does to the log. */
const tampering = fc.oneof(
  fc.record({
    kind: fc.constant('alter' as const),
    at: place,
    column: fc.constantFrom('time', 'actor', 'event', 'subject', 'details', 'previous', 'hash'),
  }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.integer({ min: 1, max: entryCount - 1 }) }),
  fc.record({ kind: fc.constant('swap' as const), at: fc.integer({ min: 1, max: entryCount - 1 }), to: place }),
  fc.record({ kind: fc.constant('append' as const), at: place }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.integer({ min: 0, max: 0 }) }),
);
type Tampering = typeof tampering extends fc.Arbitrary<infer T> ? T : never;

onBothDatabases((database) => {
  const db = () => database().db;

  test('holds whatever is noted, each entry bound to the one before, however many note at once', () =>
    fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), async (events) => {
        const { entries } = await verifyAudit(db());
        const noted = await Promise.all(events.map((one) => appendAudit(db(), one)));
        const verified = await verifyAudit(db());

        expect(verified).toMatchObject({ intact: true, entries: entries + events.length });
        const read = (await listAudit(db(), { limit: events.length })).toReversed();
        expect(read).toEqual(noted.toSorted((a, b) => a.number - b.number));
        expect(verified.head).toBe(read.at(-1)!.hash);
      }),
      { numRuns: 20 },
    ));

  test('tells of any entry that was altered, removed, moved, or written by somebody else', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: entryCount, maxLength: entryCount }),
        tampering,
        async (events, what) => {
          fc.pre(what.kind !== 'swap' || what.at !== what.to);
          await undone(async (transaction) => {
            for (const table of ['audit_log']) await sql.raw(`TRUNCATE ${table}`).execute(transaction);
            for (const one of events) await appendAudit(transaction, one);
            expect(await verifyAudit(transaction)).toMatchObject({ intact: true });
            await tamper(transaction, what);
            const { intact, broken } = await verifyAudit(transaction);

            expect(intact).toBe(false);
            expect(broken!.number).toBe(placeOf(what));
          });
        },
      ),
      { numRuns: 25 },
    ));

  test('of a log that was cut short, the head tells', async () => {
    await appendAudit(db(), { actor: 'a', event: 'b', subject: 'c', details: {} });
    await undone(async (transaction) => {
      const { head, entries } = await verifyAudit(transaction);
      await sql`DELETE FROM audit_log WHERE number = ${entries}`.execute(transaction);
      expect((await verifyAudit(transaction)).head).not.toBe(head);
    });
  });

  test.each(["UPDATE audit_log SET actor = 'x'", 'DELETE FROM audit_log', 'TRUNCATE audit_log'])(
    'the database refuses %s',
    async (statement) => {
      await appendAudit(db(), { actor: 'a', event: 'b', subject: 'c', details: {} });
      await expect(sql.raw(statement).execute(db())).rejects.toThrow(/the audit log only grows/);
    },
  );

  /** Does `work` as somebody whom the triggers do not hold, and undoes it. */
  async function undone(work: (transaction: Transaction<Schema>) => Promise<void>): Promise<void> {
    const undo = new Error('undo');
    const done = db()
      .transaction()
      .execute(async (transaction) => {
        await sql`ALTER TABLE audit_log DISABLE TRIGGER ALL`.execute(transaction);
        await work(transaction);
        throw undo;
      });
    await done.catch((error) => {
      if (error !== undo) throw error;
    });
  }
});

async function tamper(transaction: Transaction<Schema>, what: Tampering): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(transaction);
  switch (what.kind) {
    case 'alter': {
      const values: Readonly<Record<string, string>> = {
        time: `time + interval '1 millisecond'`,
        details: `details || '{"more": 1}'`,
        previous: 'reverse(previous) || 0',
        hash: 'reverse(hash) || 0',
      };
      const value = values[what.column] ?? `${what.column} || 'x'`;
      await run(`UPDATE audit_log SET ${what.column} = ${value} WHERE number = ${what.at}`);
      return;
    }
    case 'remove':
      await run(`DELETE FROM audit_log WHERE number = ${what.at}`);
      return;
    case 'swap':
      await run(`UPDATE audit_log SET number = -number WHERE number IN (${what.at}, ${what.to})`);
      await run(`UPDATE audit_log SET number = ${what.at} WHERE number = -${what.to}`);
      await run(`UPDATE audit_log SET number = ${what.to} WHERE number = -${what.at}`);
      return;
    case 'append':
      // A copy of another entry, and so with a hash that fits some entry.
      await run(`INSERT INTO audit_log SELECT ${entryCount + 1}, time, actor, event, subject, details, previous, hash
        FROM audit_log WHERE number = ${what.at}`);
      return;
    case 'insert':
      await run(`INSERT INTO audit_log SELECT 0, time, actor, event, subject, details, previous, hash
        FROM audit_log WHERE number = 1`);
  }
}

/** Where the log is not as it was written, from the beginning. */
function placeOf(what: Tampering): number {
  switch (what.kind) {
    case 'alter':
    case 'remove':
      return what.at;
    case 'swap':
      return Math.min(what.at, what.to);
    case 'append':
      return entryCount + 1;
    case 'insert':
      return 0;
  }
}
