/** Which agents the broker lets in: those that the platform knows and has not taken out of the fleet. */
import type { AgentStatus, Uuid } from '@mig/action';
import { statusesOf } from '../database/agents.ts';
import type { Db } from '../database/open-database.ts';

interface Question {
  readonly id: Uuid;
  readonly resolve: (status: AgentStatus | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Agents come in crowds: who comes while the database is asked is asked about in the next question, with the others. */
export class Admission {
  readonly #db: Db;
  #waiting: Question[] = [];
  #isAsking = false;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Why an agent is not let in; undefined when it is. Rejects when that cannot be told. */
  async refusalOf(id: Uuid): Promise<string | undefined> {
    const status = await new Promise<AgentStatus | undefined>((resolve, reject) => {
      this.#waiting.push({ id, resolve, reject });
      if (!this.#isAsking) void this.#ask();
    });
    if (status === undefined) return 'the platform does not know this agent';
    return status === 'destroyed' ? 'the agent was taken out of the fleet' : undefined;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    for (let asked = this.#waiting; asked.length > 0; asked = this.#waiting) {
      this.#waiting = [];
      try {
        const statuses = await statusesOf(
          this.#db,
          asked.map(({ id }) => id),
        );
        for (const { id, resolve } of asked) resolve(statuses.get(id));
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    this.#isAsking = false;
  }
}
