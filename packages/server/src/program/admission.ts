/** Which agents the broker lets in: those that the platform knows and has not taken out of the fleet. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentStatus, Uuid } from '@mig/action';
import { statusesOf } from '../database/agents.ts';
import type { Db } from '../database/open-database.ts';

/** How long who comes waits for others. */
const gatherMs = 10;

interface Question {
  readonly id: Uuid;
  readonly resolve: (status: AgentStatus | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Agents come in crowds: the database is asked about many in one question. */
export class Admission {
  readonly #db: Db;
  readonly #waiting: Question[] = [];
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
    while (this.#waiting.length > 0) {
      await sleep(gatherMs);
      const asked = this.#waiting.splice(0);
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
