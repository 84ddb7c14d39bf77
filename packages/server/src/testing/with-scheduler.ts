/** A scheduler for tests: the embedded database, a real broker, agents that speak through the relay as real ones do. */
import { createUuid, type MessageKind, type MessageOf, type ResultMessage, type Uuid } from '@mig/action';
import type { Received, Relay } from '@mig/relay';
import { withRelay } from '@mig/testing';
import type { Selectable } from 'kysely';
import { insertAgent } from '../database/agents.ts';
import type { Database } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import { type Scheduler, type SchedulerSettings, startScheduler } from '../scheduler/scheduler.ts';
import { introductionOf } from './introduction-of.ts';
import { answerOf, launchSample } from './launch-sample.ts';

export interface TestScheduler {
  /** The platform's connection, which \`start\` uses. */
  readonly relay: Relay;
  /** Another one. */
  platform(): Promise<Relay>;
  /** What was logged. */
  readonly log: string[];
  command(id: Uuid): Promise<Selectable<Schema['commands']>>;
  /** Enrols an agent that is not connected. */
  enrol(name: string): Promise<TestAgent>;
  /** Launches an action for these agents; gives its id. */
  launch(agents: readonly TestAgent[], window?: { validfrom?: Date; expireafter?: Date }): Promise<Uuid>;
  start(settings?: Partial<SchedulerSettings>): Promise<Scheduler>;
}

export interface TestAgent {
  readonly id: Uuid;
  /** Connects; the broker tells its presence. */
  connect(): Promise<void>;
  hello(held?: readonly Uuid[]): Promise<void>;
  disconnect(): Promise<void>;
  /** Resolves with the first message of `kind` that was not taken yet. */
  next<Kind extends MessageKind>(kind: Kind): Promise<MessageOf<Kind>>;
  /** How many messages of `kind` wait to be taken. */
  waiting(kind: MessageKind): number;
  /** Raises an alert; gives its id. */
  alert(): Promise<Uuid>;
  answer(command: { readonly commandid: Uuid; readonly actionid: Uuid }, more?: Partial<ResultMessage>): Promise<void>;
}

/** Calls `use` with everything but a running scheduler; closes what it made afterwards. */
export function withScheduler(database: Database, use: (scheduler: TestScheduler) => Promise<void>): Promise<void> {
  return withRelay(async ({ agent: connectAgent, platform, fleet }) => {
    const relay = await platform();
    const log: string[] = [];
    const started: Scheduler[] = [];
    try {
      await use({
        relay,
        platform,
        log,
        async command(id) {
          return database.db.selectFrom('commands').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
        },
        async enrol(name) {
          const id = createUuid();
          await insertAgent(database.db, { id, introduction: introductionOf(name, { id }), tags: {} });
          return createAgent(id, name, () => connectAgent(id));
        },
        async launch(agents, { validfrom, expireafter } = {}) {
          const fromNow = (time: Date | undefined) => (time === undefined ? undefined : time.getTime() - Date.now());
          const times = { validfrom: fromNow(validfrom), expireafter: fromNow(expireafter) };
          const ids = agents.map(({ id }) => id);
          return (await launchSample(database.db, ids, { fleet, ...times })).action.id;
        },
        async start(settings = {}) {
          const scheduler = await startScheduler({ database, relay, log: (message) => log.push(message), settings });
          started.push(scheduler);
          return scheduler;
        },
      });
    } finally {
      for (const scheduler of started) await scheduler.close();
    }
  });
}

function createAgent(id: Uuid, name: string, open: () => Promise<Relay>): TestAgent {
  let relay: Relay;
  const taken: Received[] = [];
  const waits: { kind: MessageKind; resolve: (message: never) => void }[] = [];
  const take = async (received: Received) => {
    const at = waits.findIndex(({ kind }) => kind === received.kind);
    if (at < 0) taken.push(received);
    else waits.splice(at, 1)[0]!.resolve(received.message as never);
  };
  return {
    id,
    async connect() {
      relay = await open();
      await relay.consume(['command', 'cancel', 'acknowledgement'], take);
    },
    hello: (held = []) =>
      relay.publish('hello', id, {
        session: relay.session,
        time: new Date().toISOString(),
        agent: introductionOf(name, { id }),
        held: [...held],
      }),
    disconnect: () => relay.close(),
    next(kind) {
      const at = taken.findIndex((received) => received.kind === kind);
      if (at >= 0) return Promise.resolve(taken.splice(at, 1)[0]!.message as never);
      return new Promise((resolve) => waits.push({ kind, resolve }));
    },
    waiting: (kind) => taken.filter((received) => received.kind === kind).length,
    async alert() {
      const alert = { id: createUuid(), module: 'fswatch', time: new Date().toISOString(), message: '', fields: {} };
      await relay.publish('alert', id, alert);
      return alert.id;
    },
    answer: ({ commandid, actionid }, more = {}) => relay.publish('result', id, answerOf(commandid, actionid, more)),
  };
}
