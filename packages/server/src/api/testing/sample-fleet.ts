/** Agents, actions and answers for tests of the API. */
import {
  type ActionInput,
  createAction,
  createEnvelope,
  createUuid,
  type Envelope,
  encodeAction,
  type ResultMessage,
  signEnvelope,
  type Uuid,
} from '@mig/action';
import { sql } from 'kysely';
import { insertAgent } from '../../database/agents.ts';
import { storeResults } from '../../database/commands.ts';
import type { Db } from '../../database/open-database.ts';
import { agentsSaidHello } from '../../database/presence.ts';
import { introductionOf } from '../../testing/introduction-of.ts';
import { fleet, type Person, passphrase } from './test-api.ts';

/** Adds an agent; `isOnline` lets it say hello. */
export async function addAgent(db: Db, name: string, { isOnline = true, os = 'linux' } = {}): Promise<Uuid> {
  const id = createUuid();
  await insertAgent(db, { id, introduction: introductionOf(name, { os }), tags: {} });
  if (isOnline) await agentsSaidHello(db, [{ id, session: createUuid(), introduction: introductionOf(name, { os }) }]);
  return id;
}

/** Adds many agents at once, `name0` and so on. */
export async function addManyAgents(db: Db, name: string, count: number): Promise<void> {
  const first = introductionOf(name);
  const ids = Array.from({ length: count }, () => createUuid());
  await sql`INSERT INTO agents (id, name, queueloc, mode, version, pid, starttime, environment, tags, status,
      heartbeattime, refreshtime)
    SELECT id::uuid, ${name} || (place - 1), 'linux.' || id, 'daemon', '0.1.0', 1, now(),
      ${JSON.stringify(first.environment)}::jsonb, '{}', 'online', now(), now()
    FROM unnest(${`{${ids}}`}::text[]) WITH ORDINALITY AS made (id, place)`.execute(db);
}

/** An action of the fleet, unless it is said otherwise. */
export function sampleAction(changes: Partial<ActionInput> = {}) {
  return createAction({
    fleet,
    name: 'who is there',
    target: 'true',
    operations: [{ module: 'ping', parameters: { destination: '127.0.0.1' } }],
    ...changes,
  });
}

/** The envelope of `action` with the signatures of all of `people`. */
export async function signed(action: ReturnType<typeof sampleAction>, ...people: readonly Person[]): Promise<Envelope> {
  let envelope = createEnvelope(encodeAction(action));
  for (const { key } of people) envelope = await signEnvelope(envelope, { privateKey: key.privateKey, passphrase });
  return envelope;
}

/** Lets agents answer commands of `actionid` that are open, at most `count`, in the order of their names. Gives how many did. */
export async function answerCommands(
  db: Db,
  actionid: Uuid,
  {
    count = 1_000_000,
    found = (place: number) => place % 2 === 0,
    text = 'ok',
  }: { count?: number; found?: (place: number) => boolean; text?: string } = {},
): Promise<number> {
  const open = await db
    .selectFrom('commands')
    .innerJoin('agents', 'agents.id', 'commands.agentid')
    .select(['commands.id', 'commands.agentid'])
    .where('actionid', '=', actionid)
    .where('commands.status', 'in', ['pending', 'sent'])
    .orderBy('agents.name')
    .limit(count)
    .execute();
  const time = new Date().toISOString();
  for (let at = 0; at < open.length; at += 500) {
    const batch = open.slice(at, at + 500).map(({ id, agentid }, place) => ({
      agentid,
      result: {
        commandid: id,
        actionid,
        status: 'success',
        results: [
          { foundanything: found(at + place), success: true, elements: { text }, statistics: null, errors: null },
        ],
        refusals: [],
        starttime: time,
        finishtime: time,
      } satisfies ResultMessage,
    }));
    await storeResults(db, batch);
  }
  return open.length;
}
