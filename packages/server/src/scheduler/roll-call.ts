/**
 * Notes what is heard of agents, many at a time: hellos, news of their endpoints, heartbeats, ends of connections. Tells
 * the dispatcher who has come.
 */
import type { AgentIntroduction, HeartbeatMessage, HelloMessage, PresenceMessage, Uuid } from '@mig/action';
import type { Comer } from '../database/commands.ts';
import type { Db } from '../database/open-database.ts';
import { agentsAreAlive, agentsAreThere, agentsSaidHello, agentsWentAway, type Hello } from '../database/presence.ts';
import { Batch } from './batch.ts';
import { SharedIdentities } from './shared-identities.ts';

/** Agents come in crowds, after a failure of the network or a start of the platform: how long to wait for the next ones. */
const gatherMs = 20;
/** How late a heartbeat may be noted; agents send one a minute. */
const heartbeatsMs = 5_000;

/** Something that was heard of an agent. */
type Sign =
  | {
      readonly agentid: Uuid;
      readonly kind: 'hello' | 'news';
      readonly session: Uuid;
      readonly agent: AgentIntroduction;
      readonly held: readonly Uuid[];
    }
  | { readonly agentid: Uuid; readonly kind: 'end'; readonly session: Uuid };

export interface RollCallOptions {
  readonly db: Db;
  /** Hears of agents that have come and are known. */
  readonly greet: (comers: readonly Comer[]) => void;
  readonly log: (message: string) => void;
}

export class RollCall {
  readonly #options: RollCallOptions;
  readonly #signs: Batch<Sign>;
  readonly #identities: SharedIdentities;
  /** Agents whose heartbeats are not noted yet, with the sessions that they came on. */
  #alive = new Map<Uuid, Uuid>();
  #timer: NodeJS.Timeout | undefined;
  #noting: Promise<void> = Promise.resolve();

  constructor(options: RollCallOptions) {
    this.#options = options;
    this.#identities = new SharedIdentities(options.db, options.log);
    this.#signs = new Batch({
      write: (signs) => this.#write(signs),
      refuse: (sign, reason) => this.#refuse(sign, reason),
      log: options.log,
      gatherMs,
    });
    this.#timer = setInterval(() => {
      this.#noting = this.#noting.then(() => this.#noteAlive());
    }, heartbeatsMs);
  }

  /** Resolves once it is noted; the greeting follows. */
  hello(agentid: Uuid, { session, agent, held }: HelloMessage): Promise<void> {
    return this.#signs.add({ agentid, kind: 'hello', session, agent, held });
  }

  /** Resolves at once, unless the agent has something new to say of itself. */
  async heartbeat(agentid: Uuid, { session, agent }: HeartbeatMessage): Promise<void> {
    if (agent === undefined) this.#alive.set(agentid, session);
    else await this.#signs.add({ agentid, kind: 'news', session, agent, held: [] });
  }

  /** Notes the end of a connection. */
  async presence(agentid: Uuid, { online, session }: PresenceMessage): Promise<void> {
    if (online) return;
    if (this.#alive.get(agentid) === session) this.#alive.delete(agentid);
    await this.#signs.add({ agentid, kind: 'end', session });
  }

  /** Notes what was heard, once, and takes no more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#signs.close(), this.#noting]);
    await this.#noteAlive();
  }

  /** Sessions are new for each connection, so that an end never hides the hello of another one: all ends can come last. */
  async #write(signs: readonly Sign[]): Promise<void> {
    const { db, greet, log } = this.#options;
    const hellos: Hello[] = [];
    const comers = new Map<Uuid, Comer>();
    const ends: { id: Uuid; session: Uuid }[] = [];
    for (const sign of signs) {
      const { agentid, session } = sign;
      if (sign.kind === 'end') ends.push({ id: agentid, session });
      else hellos.push({ id: agentid, session, introduction: sign.agent });
      if (sign.kind === 'hello') comers.set(agentid, { agentid, held: sign.held });
    }
    const known = await agentsSaidHello(db, hellos);
    await agentsWentAway(db, ends);
    for (const id of comers.keys()) if (!known.has(id)) log(`hello of agent ${id}, which is none of the fleet's`);
    greet([...comers.values()].filter(({ agentid }) => known.has(agentid)));
    for (const sign of signs) {
      if (sign.kind === 'hello' && known.has(sign.agentid)) await this.#identities.note(sign.agentid, sign);
    }
  }

  /** An agent that says of itself what cannot be stored is there all the same. */
  async #refuse(sign: Sign, reason: string): Promise<void> {
    const { db, greet, log } = this.#options;
    const { agentid, kind, session } = sign;
    log(`${kind} of agent ${agentid}: ${reason}`);
    if (kind !== 'hello') return;
    greet((await agentsAreThere(db, new Map([[agentid, session]]))).map((id) => ({ agentid: id, held: sign.held })));
  }

  async #noteAlive(): Promise<void> {
    const alive = this.#alive;
    this.#alive = new Map();
    try {
      await agentsAreAlive(this.#options.db, alive);
    } catch (error) {
      // Another heartbeat will come.
      this.#options.log(`heartbeats of ${alive.size} agents: ${(error as Error).message}`);
    }
  }
}
