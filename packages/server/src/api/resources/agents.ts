/** The agents of the fleet. */
import { destroyAgent, followAgents, getAgent, getAgentCounts, listAgents, updateAgent } from '@mig/api';
import { appendAudit } from '../../audit/audit-log.ts';
import * as agents from '../../database/agents.ts';
import { endCommandsOf } from '../../database/commands.ts';
import { inTransaction } from '../../database/in-turn.ts';
import { compileTarget } from '../../targeting/compile-target.ts';
import * as targeting from '../../targeting/select-agents.ts';
import { required } from '../api-context.ts';
import { nameCursor, nameCursorOf, readPage } from '../page.ts';
import type { Router } from '../route.ts';
import { conditionOf } from './targets.ts';

const pageLength = 200;

export function routeAgents({ context, on, stream }: Router): void {
  const { database, wakes } = context;
  const { db } = database;

  on(listAgents, async ({ query: { after, limit, target, hostname, ...filter }, caller }) => {
    const cursor = nameCursor(after);
    const condition =
      target === undefined ? undefined : await compileTarget(await conditionOf(context, caller, target, { hostname }));
    const page = await readPage(
      limit,
      (count) => targeting.listAgents(db, { ...filter, condition }, { after: cursor, limit: count }),
      nameCursorOf,
    );
    return { ...page, items: page.items.map(agents.toAgent) };
  });

  on(getAgentCounts, () => agents.countAgents(db));

  on(getAgent, async ({ params: { id } }) => required(await agents.findAgent(db, id), `agent ${id}`));

  on(updateAgent, ({ params: { id }, body: { tags }, caller }) =>
    inTransaction(db, async (transaction) => {
      const agent = required(await agents.tagAgent(transaction, id, tags), `agent ${id}`);
      await appendAudit(transaction, { actor: caller.name, event: 'agent tagged', subject: id, details: { tags } });
      return agent;
    }),
  );

  on(destroyAgent, ({ params: { id }, caller }) =>
    inTransaction(db, async (transaction) => {
      const agent = required(await agents.destroyAgent(transaction, id), `agent ${id}`);
      const ended = await endCommandsOf(transaction, id);
      const details = { name: agent.name, commands: ended };
      await appendAudit(transaction, { actor: caller.name, event: 'agent destroyed', subject: id, details });
      return agent;
    }),
  );

  stream(followAgents, async () => async (events) => {
    const changed = new Set<string>();
    // An empty payload: notifications were missed, and all may have changed.
    let isAllWanted = true;
    const stop = wakes.on('mig_agents', undefined, (id) => {
      if (id === '') isAllWanted = true;
      else changed.add(id);
      events.wake();
    });
    try {
      while (!events.isGone) {
        if (isAllWanted) {
          isAllWanted = false;
          let after: { id: string; name: string } | undefined;
          do {
            const page = await targeting.listAgents(db, {}, { after, limit: pageLength });
            for (const agent of page) await events.send('agent', agents.toAgent(agent));
            after = page.length === pageLength ? page.at(-1) : undefined;
          } while (after !== undefined && !events.isGone);
        }
        const ids = [...changed].slice(0, pageLength);
        for (const id of ids) changed.delete(id);
        for (const agent of ids.length === 0 ? [] : await agents.findAgents(db, ids)) await events.send('agent', agent);
        if (changed.size === 0 && !isAllWanted) await events.wait();
      }
    } finally {
      stop();
    }
  });
}
