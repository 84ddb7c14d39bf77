import { createUuid, type Uuid } from '@mig/action';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { addAgent } from '../api/testing/sample-fleet.ts';
import { answerOf, launchSample, nobody } from '../testing/launch-sample.ts';
import { onBothDatabases } from '../testing/on-both-databases.ts';
import { findAction, findEnvelope, launchAction, listActions } from './actions.ts';
import { destroyAgent } from './agents.ts';
import {
  cancelCommands,
  cancelledCommands,
  endCommandsOf,
  expireCommands,
  markSent,
  type Owed,
  openActions,
  owedCommands,
  pendingCommands,
  storeResults,
} from './commands.ts';
import { endedCommands, listCommands } from './list-commands.ts';

onBothDatabases((database) => {
  const db = () => database().db;
  const commandsOf = (actionid: Uuid) =>
    db().selectFrom('commands').selectAll().where('actionid', '=', actionid).orderBy('id').execute();

  describe('actions', () => {
    test('are launched once: the same again changes nothing', async () => {
      const [first, second] = [await addAgent(db(), 'a'), await addAgent(db(), 'b')];
      const launch = await launchSample(db(), [first]);
      expect(await launchAction(db(), { ...launch, agents: [first, second] })).toBe(false);

      expect(await findEnvelope(db(), launch.action.id)).toEqual(launch.envelope);
      expect(await findAction(db(), launch.action.id)).toMatchObject({
        name: 'a question',
        status: 'inprogress',
        operations: launch.action.operations,
        investigators: [{ name: 'Dana', fingerprint: 'A'.repeat(40) }],
        counters: { targeted: 1, pending: 1, sent: 0, done: 0, found: 0 },
      });
      expect(await findAction(db(), nobody)).toBeUndefined();
    });

    test('are listed by what is looked for, the newest first, and read on from a cursor', async () => {
      const names = ['Log4Shell wide', 'log4shell_narrow', '100 % of it', 'other'];
      const ids: Uuid[] = [];
      for (const name of names) ids.push((await launchSample(db(), [], { name })).action.id);
      const found = async (filter: object, page = {}) =>
        (await listActions(db(), filter, { limit: 10, ...page })).map(({ name }) => name);

      expect(await found({ name: 'LOG4shell' })).toEqual(['log4shell_narrow', 'Log4Shell wide']);
      expect(await found({ name: '%' })).toEqual(['100 % of it']);
      expect(await found({ name: '_' })).toEqual(['log4shell_narrow']);
      expect(await found({ id: ids[3]!.slice(-8).toUpperCase() })).toEqual(['other']);
      expect(await found({ id: ids[3]!.slice(0, 22) })).toContain('other');
      expect(await found({ investigator: 'erin' })).toEqual([]);
      expect(await found({ investigator: 'dana', name: 'of it' })).toEqual(['100 % of it']);
      expect(await found({}, { after: ids[3], limit: 3 })).toEqual(names.slice(0, 3).reverse());
    });
  });

  describe('commands', () => {
    test('are owed to who is there, while the window is open; to one agent also what was sent and is not held', async () => {
      const [here, away] = [await addAgent(db(), 'here'), await addAgent(db(), 'away', { isOnline: false })];
      const { action } = await launchSample(db(), [here, away]);
      await launchSample(db(), [here], { validfrom: 30_000 });
      const of = (commands: Awaited<ReturnType<typeof owedCommands>>) =>
        commands
          .filter(({ agentid }) => agentid === here || agentid === away)
          .map(({ actionid, agentid }) => ({ actionid, agentid }));
      const pending = async () => of(await pendingCommands(db(), 100_000));
      const owed = async (...comers: Parameters<typeof owedCommands>[1]) =>
        of(await owedCommands(db(), comers, { limit: 100_000 }));

      expect(await pending()).toEqual([{ actionid: action.id, agentid: here }]);
      const [command] = (await commandsOf(action.id)).filter(({ agentid }) => agentid === here);
      await markSent(db(), [command!.id]);
      expect(await pending()).toEqual([]);
      expect(await owed({ agentid: here, held: [] })).toEqual([{ actionid: action.id, agentid: here }]);
      expect(await owed({ agentid: here, held: [nobody, command!.id] })).toEqual([]);
      expect(await owed({ agentid: away, held: [] })).toEqual([]);
      // Only who says that it holds a command is believed to hold it.
      const liar = { agentid: away, held: [command!.id] };
      expect(await owed(liar, { agentid: here, held: [] })).toEqual([{ actionid: action.id, agentid: here }]);
    });

    test('are owed page by page', async () => {
      const agents = [await addAgent(db(), 'first'), await addAgent(db(), 'second')];
      const ids = [];
      for (let count = 0; count < 3; count++) ids.push((await launchSample(db(), agents)).action.id);
      const comers = agents.map((agentid) => ({ agentid, held: [] }));
      const read: Owed[] = [];
      for (let after: Owed | undefined, isMore = true; isMore; after = read.at(-1)) {
        const page = await owedCommands(db(), comers, { after, limit: 4 });
        read.push(...page);
        isMore = page.length === 4;
      }
      const expected = ids.flatMap((actionid) => agents.map((agentid) => `${actionid} ${agentid}`));
      expect(read.map(({ actionid, agentid }) => `${actionid} ${agentid}`).sort()).toEqual(expected.sort());
    });

    test('keep the first answer; an answer that is none of the agent, the action or the fleet is refused', async () => {
      const [mine, other] = [await addAgent(db(), 'mine'), await addAgent(db(), 'other')];
      const { action } = await launchSample(db(), [mine, other]);
      const elsewhere = await launchSample(db(), [mine]);
      const rows = await commandsOf(action.id);
      const of = (agentid: Uuid) => rows.find((row) => row.agentid === agentid)!.id;
      const answers = [
        { agentid: mine, result: answerOf(of(mine), action.id) },
        { agentid: mine, result: answerOf(of(mine), action.id, { status: 'failed' }) },
        { agentid: mine, result: answerOf(of(other), action.id) },
        { agentid: mine, result: answerOf(of(mine), elsewhere.action.id) },
        { agentid: mine, result: answerOf(nobody, action.id) },
        { agentid: nobody, result: answerOf(of(mine), action.id) },
      ];
      const outcomes = await storeResults(db(), answers);
      await markSent(
        db(),
        rows.map(({ id }) => id),
      );

      expect(outcomes.map(({ outcome }) => outcome)).toEqual([
        'stored',
        'stored',
        'refused',
        'refused',
        'refused',
        'refused',
      ]);
      expect((await findAction(db(), action.id))!.counters).toMatchObject({
        success: 1,
        sent: 1,
        delivered: 2,
        found: 1,
      });
      expect(await findAction(db(), action.id)).toMatchObject({ status: 'inprogress' });
      await storeResults(db(), [{ agentid: other, result: answerOf(of(other), action.id, { results: null }) }]);
      expect(await findAction(db(), action.id)).toMatchObject({ status: 'finished', counters: { found: 1, done: 2 } });
    });

    test('are cancelled at once where they were not sent, and where they were until the agent answers', async () => {
      const agents = [await addAgent(db(), 'sent'), await addAgent(db(), 'pending')];
      const { action } = await launchSample(db(), agents);
      const sent = (await commandsOf(action.id)).find(({ agentid }) => agentid === agents[0])!.id;
      await markSent(db(), [sent]);
      expect(await cancelCommands(db(), action.id, { by: 'Dana', reason: 'why' })).toEqual([
        { id: sent, actionid: action.id, agentid: agents[0] },
      ]);

      expect(await findAction(db(), action.id)).toMatchObject({
        status: 'cancelled',
        cancellation: { by: 'Dana', reason: 'why' },
        counters: { cancelled: 1, sent: 1 },
      });
      // The first who cancels it is who did, also for agents that were away.
      await cancelCommands(db(), action.id, { by: 'Erin', reason: 'again' });
      expect(await findAction(db(), action.id)).toMatchObject({ cancellation: { by: 'Dana', reason: 'why' } });
      expect(await cancelledCommands(db(), agents)).toEqual([
        { id: sent, actionid: action.id, agentid: agents[0], reason: 'by Dana: why' },
      ]);
      expect(await owedCommands(db(), [{ agentid: agents[0]!, held: [] }], { limit: 9 })).toEqual([]);
      await storeResults(db(), [{ agentid: agents[0]!, result: answerOf(sent, action.id, { status: 'cancelled' }) }]);
      expect(await cancelledCommands(db(), agents)).toEqual([]);
      const [refusal] = (await commandsOf(action.id))
        .map(({ refusals }) => refusals)
        .filter(({ length }) => length > 0);
      expect(refusal).toEqual([{ operation: null, code: 'CANCELLED', message: 'by Dana: why' }]);
    });

    test('end with their window, those that were sent after the grace; a late answer still counts', async () => {
      const agents = [await addAgent(db(), 'late'), await addAgent(db(), 'never')];
      const { action } = await launchSample(db(), agents);
      const empty = await launchSample(db(), []);
      const late = (await commandsOf(action.id)).find(({ agentid }) => agentid === agents[0])!.id;
      await markSent(db(), [late]);
      await sql`UPDATE actions SET expireafter = now() - interval '1 second' WHERE id IN (${action.id}, ${empty.action.id})`.execute(
        db(),
      );
      await expireCommands(db(), 60);
      expect((await findAction(db(), action.id))!.counters).toMatchObject({ expired: 1, sent: 1 });
      expect((await findAction(db(), empty.action.id))!.status).toBe('finished');
      await expireCommands(db(), 0);
      expect(await findAction(db(), action.id)).toMatchObject({
        status: 'finished',
        counters: { expired: 2, delivered: 1 },
      });
      await storeResults(db(), [{ agentid: agents[0]!, result: answerOf(late, action.id) }]);
      expect((await findAction(db(), action.id))!.counters).toMatchObject({ expired: 1, success: 1, found: 1 });
    });

    test('of an agent that is destroyed end, and the others go on; one that was destroyed before gets none', async () => {
      const agents: Uuid[] = [];
      for (const name of ['left', 'leaves', 'stays']) agents.push(await addAgent(db(), name));
      await destroyAgent(db(), agents[0]!);
      const { action } = await launchSample(db(), agents);
      expect((await findAction(db(), action.id))!.counters).toMatchObject({ targeted: 2, pending: 2 });
      await destroyAgent(db(), agents[1]!);
      expect(await endCommandsOf(db(), agents[1]!)).toBe(1);
      expect(await endCommandsOf(db(), agents[1]!)).toBe(0);
      expect(await findAction(db(), action.id)).toMatchObject({
        status: 'inprogress',
        counters: { cancelled: 1, pending: 1, delivered: 0 },
      });
    });

    test('of an action whose window begins later wait for it', async () => {
      const agent = await addAgent(db(), 'waits');
      const { action } = await launchSample(db(), [agent], { validfrom: 30_000 });
      expect((await findAction(db(), action.id))!.status).toBe('pending');
      await sql`UPDATE actions SET validfrom = now() WHERE id = ${action.id}`.execute(db());
      expect(await openActions(db())).toBe(true);
      const owed = await owedCommands(db(), [{ agentid: agent, held: [] }], { limit: 9 });
      expect(owed.map(({ actionid }) => actionid)).toEqual([action.id]);
    });

    test('are read page by page, also where their results are large', async () => {
      const agents: Uuid[] = [];
      for (const name of ['d', 'a', 'c', 'b']) agents.push(await addAgent(db(), name));
      const { action } = await launchSample(db(), agents);
      // Of a sort that does not compress: a page ends behind a MiB of them.
      const large = Array.from({ length: 40_000 }, () => createUuid());
      for (const { id, agentid } of await commandsOf(action.id)) {
        const results = [{ foundanything: false, success: true, elements: large, statistics: null, errors: null }];
        await storeResults(db(), [{ agentid, result: answerOf(id, action.id, { results }) }]);
      }
      const names: string[] = [];
      let [after, isMore]: [{ id: Uuid; name: string } | undefined, boolean] = [undefined, true];
      for (; isMore; ) {
        const page = await listCommands(db(), action.id, { found: 'all' }, { after, limit: 100 });
        expect(page.items.length).toBeLessThan(4);
        names.push(...page.items.map(({ agentname }) => agentname));
        const last = page.items.at(-1)!;
        after = { id: last.id, name: last.agentname };
        isMore = page.hasMore;
      }
      expect(names).toEqual(['a', 'b', 'c', 'd']);
      const { items } = await endedCommands(db(), action.id, { after: 0, found: 'notfound', limit: 1 });
      expect(items[0]!.results![0]!.elements).toEqual(large);
    });
  });
});
