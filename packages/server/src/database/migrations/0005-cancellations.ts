/** Who cancelled an action, and why; of those that were cancelled before, what the audit log says. */
import { type Kysely, sql } from 'kysely';

export async function keepCancellations(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE actions ADD COLUMN cancelledby text, ADD COLUMN cancelreason text,
    ADD CONSTRAINT actions_cancellation_is_whole CHECK ((cancelledby IS NULL) = (cancelreason IS NULL))`.execute(db);
  await sql`UPDATE actions SET cancelledby = first.actor, cancelreason = coalesce(first.details->>'reason', '')
    FROM (
      SELECT DISTINCT ON (subject) subject, actor, details FROM audit_log
      WHERE event = 'action cancelled' ORDER BY subject, number
    ) AS first
    WHERE actions.status = 'cancelled' AND first.subject = actions.id::text`.execute(db);
}
