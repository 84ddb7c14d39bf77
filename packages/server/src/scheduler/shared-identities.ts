/**
 * Notices agents that run twice with one identity: a machine or a configuration directory was copied. They push each other
 * off the broker for ever, and either answers for both. A process that comes back after another one had its place runs
 * beside it: an agent that was started again never comes back as it was.
 */
import type { AgentIntroduction, CopiedIdentity, HelloMessage, Uuid } from '@mig/action';
import { appendAudit } from '../audit/audit-log.ts';
import type { Db } from '../database/open-database.ts';
import { markCopied } from '../database/presence.ts';

/** Processes of an agent that are remembered (many machines can be made from one image), and addresses of the last. */
const [mostProcesses, mostAddresses] = [64, 16];
/** How long nothing more is said of an agent; how long its mark is not brought up to date. */
const [quietMs, markedMs] = [3_600_000, 60_000];
/** Agents that the audit log names within that time; what is beyond them is in the server's log. */
const mostNoted = 60;

type SeenProcess = CopiedIdentity['processes'][number];

interface Seen {
  last: SeenProcess;
  /** The session of each process, the last one at the end. */
  readonly sessions: Map<string, Uuid>;
}

export class SharedIdentities {
  readonly #db: Db;
  readonly #log: (message: string) => void;
  readonly #now: () => number;
  /** By agent: the processes that said hello. */
  readonly #seen = new Map<Uuid, Seen>();
  readonly #said = new Map<Uuid, number>();
  readonly #marked = new Map<Uuid, number>();

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(db: Db, log: (message: string) => void, now: () => number = () => performance.now()) {
    this.#db = db;
    this.#log = log;
    this.#now = now;
  }

  /** Takes a hello of an agent that the fleet knows. Never rejects. */
  async note(id: Uuid, { session, agent }: Pick<HelloMessage, 'session' | 'agent'>): Promise<void> {
    const process = describe(agent);
    const key = keyOf(process);
    const seen = this.#seen.get(id) ?? { last: process, sessions: new Map<string, Uuid>() };
    this.#seen.set(id, seen);
    const { last: other, sessions } = seen;
    // The same hello, delivered twice.
    if (sessions.get(key) === session) return;
    const isBack = sessions.has(key) && key !== keyOf(other);
    sessions.delete(key);
    sessions.set(key, session);
    if (sessions.size > mostProcesses) sessions.delete(sessions.keys().next().value!);
    seen.last = process;
    if (!isBack) return;
    const processes = [other, process];
    try {
      if (isNew(this.#marked, id, this.#now(), markedMs)) {
        await markCopied(this.#db, id, { time: new Date().toISOString(), processes });
      }
      if (isNew(this.#said, id, this.#now(), quietMs)) await this.#say(id, processes);
    } catch (error) {
      this.#log(`agent ${id} runs twice, and it could not be noted: ${(error as Error).message}`);
    }
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

/** Whether `id` is not among `times` of the last `ms`; notes it then. */
function isNew(times: Map<Uuid, number>, id: Uuid, now: number, ms: number): boolean {
  for (const [one, when] of times) {
    if (now - when < ms) break;
    times.delete(one);
  }
  if (times.has(id)) return false;
  times.set(id, now);
  return true;
}

function keyOf({ pid, starttime }: SeenProcess): string {
  return `${pid} ${starttime}`;
}

function describe({ name, pid, starttime, environment }: AgentIntroduction): SeenProcess {
  return { name, pid, starttime, addresses: environment.addresses.slice(0, mostAddresses) };
}
