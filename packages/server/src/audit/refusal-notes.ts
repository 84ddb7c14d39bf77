/**
 * Notes in the audit log what agents sent and the platform refused. A hostile agent can send as much of it as it likes:
 * the first of each agent within a minute is noted by itself, all others of that minute in one entry, with their numbers.
 */
import type { Uuid } from '@mig/action';
import type { Db } from '../database/open-database.ts';
import { appendAudit } from './audit-log.ts';

const windowMs = 60_000;
/** Agents whose first refusal is noted by itself, in a minute; and that the entry of a minute names. */
const [mostSingle, mostNamed] = [60, 20];

/** What was refused. */
export interface Refusal {
  readonly agentid: Uuid;
  readonly of: 'result' | 'alert';
  /** Of the command, or of the alert. */
  readonly id: Uuid;
  readonly reason: string | undefined;
}

interface Counted {
  results: number;
  alerts: number;
  last: Uuid;
}

export class RefusalNotes {
  readonly #db: Db;
  readonly #now: () => number;
  #counted = new Map<Uuid, Counted>();
  #since: number;

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(db: Db, now: () => number = () => performance.now()) {
    this.#db = db;
    this.#now = now;
    this.#since = now();
  }

  async note(refusals: readonly Refusal[]): Promise<void> {
    await this.flush();
    for (const refusal of refusals) await this.#noteOne(refusal);
  }

  /** Notes what was counted, once the minute is over, or now. */
  async flush(isNow = false): Promise<void> {
    if (!isNow && this.#now() - this.#since < windowMs) return;
    const counted = [...this.#counted].filter(([, { results, alerts }]) => results + alerts > 0);
    this.#counted = new Map();
    this.#since = this.#now();
    if (counted.length === 0) return;
    const sum = (of: 'results' | 'alerts') => counted.reduce((total, [, counts]) => total + counts[of], 0);
    counted.sort(([, a], [, b]) => b.results + b.alerts - (a.results + a.alerts));
    await appendAudit(this.#db, {
      actor: 'scheduler',
      event: 'refusals counted',
      subject: `${counted.length} ${counted.length === 1 ? 'agent' : 'agents'}`,
      details: {
        results: sum('results'),
        alerts: sum('alerts'),
        most: counted.slice(0, mostNamed).map(([agentid, counts]) => ({ agentid, ...counts })),
      },
    });
  }

  async #noteOne({ agentid, of, id, reason }: Refusal): Promise<void> {
    const counted = this.#counted.get(agentid);
    if (counted !== undefined || this.#counted.size >= mostSingle) {
      const { results, alerts } = counted ?? { results: 0, alerts: 0 };
      const isResult = of === 'result';
      this.#counted.set(agentid, {
        results: results + (isResult ? 1 : 0),
        alerts: alerts + (isResult ? 0 : 1),
        last: id,
      });
      return;
    }
    await appendAudit(this.#db, {
      actor: `agent ${agentid}`,
      event: `${of} refused`,
      subject: id,
      details: { [of === 'result' ? 'commandid' : 'alertid']: id, reason },
    });
    this.#counted.set(agentid, { results: 0, alerts: 0, last: id });
  }
}
