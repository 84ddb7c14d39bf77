import { createUuid, type Uuid } from '@mig/action';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { addAgent } from '../api/testing/sample-fleet.ts';
import { introductionOf } from '../testing/introduction-of.ts';
import { nobody } from '../testing/launch-sample.ts';
import { onBothDatabases } from '../testing/on-both-databases.ts';
import { destroyAgent, destroyedAgents, findAgent, findAgents, insertAgent, statusesOf, tagAgent } from './agents.ts';
import { lastAlert, listAlerts, newAlerts, storeAlerts } from './alerts.ts';
import {
  ageAgents,
  agentsAreAlive,
  agentsAreThere,
  agentsSaidHello,
  agentsWentAway,
  everybodyWentAway,
} from './presence.ts';

const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

onBothDatabases((database) => {
  const db = () => database().db;
  const statusOf = async (id: Uuid) => (await findAgent(db(), id))!.status;

  describe('agents', () => {
    test('are kept as they introduced themselves, whatever the text', async () => {
      const id = createUuid();
      const introduction = {
        ...introductionOf(`{"a\\,b'c} ü`),
        environment: { ...introductionOf('x').environment, ident: `a"b\\c, {d} \u2028 'e'` },
      };
      await insertAgent(db(), { id, introduction, tags: { 'a "b"': `c'd\\` } });
      const { heartbeattime, refreshtime, ...kept } = (await findAgent(db(), id))!;

      expect(kept).toEqual({
        id,
        ...introduction,
        tags: { 'a "b"': `c'd\\` },
        status: 'offline',
        destructiontime: null,
        copied: null,
      });
      expect(heartbeattime).toBe(refreshtime);
      expect(await findAgents(db(), [id, nobody])).toHaveLength(1);
    });

    test('come and go, many at a time, and are told apart by their session', async () => {
      const [id, other] = [
        await addAgent(db(), 'one', { isOnline: false }),
        await addAgent(db(), 'two', { isOnline: false }),
      ];
      const [first, second] = [createUuid(), createUuid()];
      const hello = (of: Uuid, session: Uuid, name: string) => ({
        id: of,
        session,
        introduction: {
          ...introductionOf(name),
          environment: { ...introductionOf(name).environment, ident: `a'"b ü` },
        },
      });
      const hellos = [hello(id, first, 'one'), hello(nobody, first, 'x'), hello(other, first, 'two')];
      expect(await agentsSaidHello(db(), hellos)).toEqual(new Set([id, other]));
      expect(await agentsSaidHello(db(), [hello(id, first, 'lost'), hello(id, second, 'renamed')])).toEqual(
        new Set([id]),
      );
      await agentsWentAway(db(), [
        { id, session: first },
        { id: other, session: first },
      ]);
      const { environment } = hello(id, second, 'renamed').introduction;
      expect(await findAgent(db(), id)).toMatchObject({ status: 'online', name: 'renamed', environment });
      expect(await statusesOf(db(), [id, nobody, other])).toEqual(
        new Map([
          [id, 'online'],
          [other, 'idle'],
        ]),
      );
      await agentsWentAway(db(), [{ id, session: second }]);
      expect(await statusOf(id)).toBe('idle');

      const third = createUuid();
      const there = new Map([
        [id, third],
        [nobody, third],
      ]);
      expect(await agentsAreThere(db(), there)).toEqual([id]);
      expect(await agentsAreThere(db(), there)).toEqual([]);
      expect(await statusOf(id)).toBe('online');
      const heard: string[] = [];
      const stop = await database().listen('mig_agents', (about) => void heard.push(about));
      await everybodyWentAway(db());
      expect(await statusOf(id)).toBe('idle');
      await expect.poll(() => heard).toContain('');
      await stop();
    });

    test('age without a word, and are young again with one', async () => {
      const id = await addAgent(db(), 'old');
      const setBack = (minutes: number) =>
        sql`UPDATE agents SET heartbeattime = now() - make_interval(mins => ${minutes}) WHERE id = ${id}`.execute(db());
      await setBack(4);
      await ageAgents(db(), 5, 60);
      expect(await statusOf(id)).toBe('online');
      await setBack(6);
      await ageAgents(db(), 5, 60);
      expect(await statusOf(id)).toBe('idle');
      await setBack(61);
      await ageAgents(db(), 5, 60);
      expect(await statusOf(id)).toBe('offline');
      const [session, later] = [createUuid(), createUuid()];
      const alive = (on: Uuid) =>
        agentsAreAlive(
          db(),
          new Map([
            [id, on],
            [nobody, on],
          ]),
        );
      await alive(session);
      expect(await statusOf(id)).toBe('online');
      // Its end is known by the session of the heartbeat, which no earlier one takes the place of.
      await agentsAreThere(db(), new Map([[id, later]]));
      await alive(session);
      await agentsWentAway(db(), [{ id, session }]);
      expect(await statusOf(id)).toBe('online');
      await agentsWentAway(db(), [{ id, session: later }]);
      expect(await statusOf(id)).toBe('idle');
      await alive(session);
      await agentsWentAway(db(), [{ id, session }]);
      expect(await statusOf(id)).toBe('idle');
    });

    test('that were destroyed stay so, whatever is heard of them', async () => {
      const id = await addAgent(db(), 'gone');
      const session = createUuid();
      const { destructiontime } = (await destroyAgent(db(), id))!;
      expect(destructiontime).not.toBeNull();
      expect(await destroyedAgents(db(), [id, nobody])).toEqual([id]);
      expect(await destroyedAgents(db(), [nobody])).toEqual([]);
      expect(await destroyedAgents(db())).toContain(id);
      const hello = { id, session, introduction: introductionOf('back') };
      expect(await agentsSaidHello(db(), [hello])).toEqual(new Set());
      await agentsAreAlive(db(), new Map([[id, session]]));
      expect(await agentsAreThere(db(), new Map([[id, session]]))).toEqual([]);
      expect((await destroyAgent(db(), id))!.destructiontime).toBe(destructiontime);
      expect(await findAgent(db(), id)).toMatchObject({ status: 'destroyed', name: 'gone' });
      expect(await tagAgent(db(), nobody, {})).toBeUndefined();
    });
  });

  test('alerts are stored once, in their order, and those of nobody are skipped', async () => {
    const agentid = await addAgent(db(), 'watchful');
    const before = await lastAlert(db());
    const alert = (message: string, id = createUuid()) => ({
      agentid,
      alert: { id, module: 'watch', time: hourAgo(), message, fields: { message } },
    });
    const [first, second] = [alert('1'), alert('2')];
    expect(await storeAlerts(db(), [first, { ...alert('?'), agentid: nobody }, second])).toEqual(new Set([nobody]));
    expect(await storeAlerts(db(), [second, alert('3'), first])).toEqual(new Set());

    const read = await newAlerts(db(), { module: 'watch' }, before, 10);
    expect(read.map(({ message, agentname }) => [message, agentname])).toEqual([
      ['1', 'watchful'],
      ['2', 'watchful'],
      ['3', 'watchful'],
    ]);
    const newest = await listAlerts(db(), { agentids: [agentid, nobody] }, { limit: 2 });
    expect(newest.map(({ message }) => message)).toEqual(['3', '2']);
    expect(await lastAlert(db())).toBe(newest[0]!.change);
    expect(await newAlerts(db(), { module: 'other' }, 0, 10)).toEqual([]);
  });
});
