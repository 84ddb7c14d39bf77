/**
 * Notices agents that run twice with one identity: a machine or a configuration directory was copied. They push each other
 * off the broker for ever, and either answers for both. A process that comes back after another one had its place runs
 * beside it: an agent that was started again never comes back as it was.
 */
import type { AgentIntroduction, HelloMessage, Uuid } from '@mig/action';
import { appendAudit } from '../audit/audit-log.ts';
import type { Db } from '../database/open-database.ts';

/** Processes of an agent that are remembered, and addresses of each. */
const [mostProcesses, mostAddresses] = [4, 16];
/** How long nothing more is said of an agent. */
const quietMs = 3_600_000;
/** Agents that the audit log names within that time; what is beyond them is in the server's log. */
const mostNoted = 60;

interface SeenProcess extends Pick<AgentIntroduction, 'name' | 'pid' | 'starttime'> {
  readonly addresses: readonly string[];
}

export class SharedIdentities {
  readonly #db: Db;
  readonly #log: (message: string) => void;
  readonly #now: () => number;
  /** By agent: the processes that said hello, the last one at the end, with their sessions. */
  readonly #seen = new Map<Uuid, { readonly process: SeenProcess; readonly session: Uuid }[]>();
  readonly #said = new Map<Uuid, number>();

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(db: Db, log: (message: string) => void, now: () => number = () => performance.now()) {
    this.#db = db;
    this.#log = log;
    this.#now = now;
  }

  /** Takes a hello of an agent that the fleet knows. Never rejects. */
  async note(id: Uuid, { session, agent }: Pick<HelloMessage, 'session' | 'agent'>): Promise<void> {
    const process = describe(agent);
    const seen = this.#seen.get(id) ?? [];
    this.#seen.set(id, seen);
    const at = seen.findIndex(({ process: { pid, starttime } }) => pid === agent.pid && starttime === agent.starttime);
    // The same hello, delivered twice.
    if (seen[at]?.session === session) return;
    const other = seen.at(-1)?.process;
    const isBack = at >= 0 && at < seen.length - 1;
    if (at >= 0) seen.splice(at, 1);
    seen.push({ process, session });
    if (seen.length > mostProcesses) seen.shift();
    if (!isBack || other === undefined || this.#wasSaid(id)) return;
    await this.#say(id, [other, process]).catch((error: Error) => this.#log(`audit log: ${error.message}`));
  }

  #wasSaid(id: Uuid): boolean {
    const now = this.#now();
    for (const [said, when] of this.#said) if (now - when >= quietMs) this.#said.delete(said);
    if (this.#said.has(id)) return true;
    this.#said.set(id, now);
    return false;
  }

  async #say(id: Uuid, processes: readonly SeenProcess[]): Promise<void> {
    const where = processes.map(
      ({ name, pid, addresses }) => `${JSON.stringify(name)} (process ${pid}, ${addresses.join(' ') || 'no address'})`,
    );
    this.#log(
      `agent ${id} runs twice, as ${where.join(' and as ')}: its identity was copied, and either answers for both; enrol one of them anew with mig-agent enrol --replace`,
    );
    if (this.#said.size > mostNoted) return;
    await appendAudit(this.#db, { actor: 'scheduler', event: 'identity shared', subject: id, details: { processes } });
  }
}

function describe({ name, pid, starttime, environment }: AgentIntroduction): SeenProcess {
  return { name, pid, starttime, addresses: environment.addresses.slice(0, mostAddresses) };
}
