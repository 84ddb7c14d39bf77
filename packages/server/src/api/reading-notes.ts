/** Notes in the audit log who read the results of which action: once in a while, and not at each page of a list. */
import { appendAudit } from '../audit/audit-log.ts';
import type { Db } from '../database/open-database.ts';

/** For how long further readings by the same person are not noted. */
const quietMs = 10 * 60_000;
const mostRemembered = 10_000;

export class ReadingNotes {
  readonly #noted = new Map<string, number>();

  /** Notes that `actor` read `what` (`results`, say) of `subject`. */
  async note(db: Db, { actor, what, subject }: { actor: string; what: string; subject: string }): Promise<void> {
    const key = JSON.stringify([actor, what, subject]);
    const now = Date.now();
    if (now - (this.#noted.get(key) ?? 0) < quietMs) return;
    this.#noted.delete(key);
    this.#noted.set(key, now);
    if (this.#noted.size > mostRemembered) this.#noted.delete(this.#noted.keys().next().value!);
    await appendAudit(db, { actor, event: `${what} read`, subject, details: {} });
  }
}
